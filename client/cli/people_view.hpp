// How tail and history show messages to people.
//   21:02:56 #ci.main ~alice: the build is green        21:03:10 * bob waves
//   21:03:20 #ci.main bob: [↳ 42 ~alice: the build is green] at last
//   21:03:30 #ci.main bob: at last! (edited) (pinned by ~alice)        with what was said about it later
//     👍 2 · 🎉 1
//   21:03:40 #ci.main * ~alice edited 42: the build is red
// A line of its own where the day changes; further lines of a message are indented; colours where wanted. A body whose
// content type is JSON is laid out where it is longer than a line. Control characters are always escaped.
#pragma once

#include <string>

#include "client/cli/said.hpp"
#include "client/link/amendments.hpp"
#include "client/link/types.hpp"

namespace hubbub::cli {

class PeopleView {
 public:
  struct Options {
    bool color = false;
    bool with_room = false;    ///< more than one room may occur
    std::size_t columns = 80;  ///< JSON that is longer is laid out over lines
  };

  explicit PeopleView(Options options) : options_(options) {}

  /// As it is, an amendment too.
  void append(const link::Message& message, std::string& out) { append(message, link::View{}, out); }
  /// Where the view says that it is shown, or that it was redacted.
  void append(const link::Message& message, const link::View& view, std::string& out);
  /// As it comes: an amendment says what it amends; what is over isn't shown.
  void append_live(const link::Message& message, WallTime now, std::string& out);
  void append(const link::Presence& event, std::string& out);

  /// Lines of JSON that are shown of one message.
  static constexpr std::size_t json_lines_max = 30;

 private:
  [[nodiscard]] std::string shown_body(const link::Message& message) const;
  [[nodiscard]] std::string sender_of(const link::Message& message) const;
  void append_reactions(const link::View& view, std::string& out) const;
  void append_day(WallTime time, std::string& out);
  void append_start(WallTime time, const RoomName& room, std::string& out);

  [[nodiscard]] std::string answered(const link::Message& message) const;

  Options options_;
  Said said_;
  std::string day_;
};

}  // namespace hubbub::cli
