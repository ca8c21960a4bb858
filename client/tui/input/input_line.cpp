#include "client/tui/input/input_line.hpp"

#include <algorithm>
#include <utility>

#include "client/tui/text/clusters.hpp"

namespace hubbub::tui {

namespace {

constexpr std::size_t undo_moments_max = 64;
constexpr std::size_t undo_bytes_max = 4096;  // a long paste isn't kept once more for every key typed after it

}  // namespace

std::size_t InputLine::lines() const {
  return 1 + static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '\n'));
}

void InputLine::remember() {
  if (text_.size() > undo_bytes_max) return undo_.clear();  // what was before isn't one step away any more
  if (undo_.size() == undo_moments_max) undo_.erase(undo_.begin());
  undo_.push_back({text_, cursor_});
}

void InputLine::undo() {
  if (undo_.empty()) return;
  text_ = std::move(undo_.back().text);
  cursor_ = undo_.back().cursor;
  undo_.pop_back();
}

void InputLine::assign(std::string text) {
  remember();
  text_ = std::move(text);
  cursor_ = text_.size();
}

void InputLine::insert(std::string_view text) { replace(cursor_, cursor_, text); }

void InputLine::replace(std::size_t from, std::size_t to, std::string_view with) {
  if (from == to && with.empty()) return;
  remember();
  text_.replace(from, to - from, with);
  cursor_ = from + with.size();
}

std::string InputLine::take() {
  undo_.clear();
  cursor_ = 0;
  return std::exchange(text_, {});
}

std::size_t InputLine::before(std::size_t at) const { return cluster_begin(text_, at); }
std::size_t InputLine::after(std::size_t at) const { return at < text_.size() ? cluster_end(text_, at) : at; }

void InputLine::left() { cursor_ = before(cursor_); }
void InputLine::right() { cursor_ = after(cursor_); }
void InputLine::delete_left() { replace(before(cursor_), cursor_, {}); }

void InputLine::delete_right() {
  const auto at = cursor_;
  replace(at, after(at), {});
}

void InputLine::transpose() {
  if (cursor_ == 0) return;
  if (cursor_ == text_.size()) left();
  const auto middle = cursor_, begin = before(middle), end = after(middle);
  if (begin == middle) return;
  const auto swapped = text_.substr(middle, end - middle) + text_.substr(begin, middle - begin);
  replace(begin, end, swapped);
}

void InputLine::kill_forward(std::size_t to, KillBuffer& kill) {
  const auto cut = text_.substr(cursor_, to - cursor_);
  if (cut.empty()) return;
  kill.text = kill.adding ? kill.text + cut : cut;
  const auto at = cursor_;
  replace(at, to, {});
}

void InputLine::kill_backward(std::size_t from, KillBuffer& kill) {
  const auto cut = text_.substr(from, cursor_ - from);
  if (cut.empty()) return;
  kill.text = kill.adding ? cut + kill.text : cut;
  replace(from, cursor_, {});
}

bool InputLine::word_at(std::size_t at) const {
  return at < text_.size() && is_word(std::string_view(text_).substr(at, after(at) - at));
}

// Forwards from the start: each step back would begin there anyhow.
std::size_t InputLine::word_begin() const {
  std::size_t begin = 0;
  bool in_word = false;
  for (std::size_t at = 0; at < cursor_; at = after(at))
    if (std::exchange(in_word, word_at(at)) != in_word && in_word) begin = at;
  return begin;
}

std::size_t InputLine::word_end() const {
  auto at = cursor_;
  while (at < text_.size() && !word_at(at)) at = after(at);
  while (at < text_.size() && word_at(at)) at = after(at);
  return at;
}

std::size_t InputLine::blank_begin() const {
  const auto blank = [&](std::size_t at) { return text_[at] == ' ' || text_[at] == '\n' || text_[at] == '\t'; };
  auto at = cursor_;
  while (at > 0 && blank(at - 1)) --at;
  while (at > 0 && !blank(at - 1)) --at;
  return at;
}

}  // namespace hubbub::tui
