// How search shows what it found to people: one message after the other, the words in it marked where colours are
// wanted. The number is the message's seq: history --before takes it.
//   2026-11-22 21:02 #ci.main 4711 ~alice: the build failed (edited)
#pragma once

#include <string>
#include <vector>

#include "client/link/amendments.hpp"
#include "client/link/types.hpp"
#include "proto/search_words.hpp"

namespace hubbub::cli {

class HitView {
 public:
  HitView(std::vector<proto::SearchWord> words, bool color) : words_(std::move(words)), color_(color) {}
  /// `message` as the view shows it.
  void append(const link::Message& message, const link::View& view, std::string& out) const;

 private:
  [[nodiscard]] std::string marked(std::string_view body) const;

  std::vector<proto::SearchWord> words_;
  bool color_;
};

}  // namespace hubbub::cli
