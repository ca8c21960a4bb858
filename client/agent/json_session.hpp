// A program that speaks JSON lines: one object a line each way. docs/local-doors.md has them all.
//   {"op":"pub","room":"ops","text":"hi","id":1}  -->  {"id":1,"seq":42}
//   {"op":"sub","room":"ops.>"}                   -->  {"op":"message","room":"ops.web","seq":7,…}
// "id" is whatever the program likes, and comes back in the answer; a pub without one is answered only if it fails.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>

#include "client/agent/local_session.hpp"

namespace hubbub::agent {

class JsonSession final : public LocalSession {
 public:
  /// The longest line. A body of the largest size fits, with every byte of it escaped.
  static constexpr std::size_t line_bytes_max = 8u << 20;

  static_assert(line_bytes_max > 6 * limits::body_bytes_max + 1024, "six bytes of JSON for one of a body, as \\u0000");
  /// Requests that aren't answered yet; then no more are read.
  static constexpr std::size_t owed_max = 1024;
  /// Brackets within brackets of a line.
  static constexpr int depth_max = 64;

  using LocalSession::LocalSession;

  [[nodiscard]] std::string_view protocol() const override { return "json"; }
  void attached(const LocalRoom& room, Seq next) override;
  void receive(const LocalMessage& message) override;
  void lost(const LocalRoom& room, Seq first, Seq last) override;
  void event(const LocalRoom* room, const proto::Event& event) override;

  /// So many patterns are received: the session stays open though the program has ended its side.
  void subscribed(const Pattern& pattern) { patterns_.insert(pattern); }
  void unsubscribed(const Pattern& pattern) { patterns_.erase(pattern); }
  Core& core() { return core_; }
  using LocalSession::hands_over;
  /// An answer is owed no longer.
  void go_on_soon();

 private:
  friend class Answer;
  using Json = nlohmann::ordered_json;

  void take(std::string_view bytes) override;
  void ended() override;
  void resume() override { take_lines(); }
  [[nodiscard]] bool has_input() const override { return !input_.empty(); }
  [[nodiscard]] bool may_take() const override { return LocalSession::may_take() && owed_ < owed_max; }

  void take_lines();
  /// False: not now.
  bool take_line(std::string_view line);
  void refuse(const Json* id, const Error& why);
  void send(const Json& line);
  /// With descriptors beside it. REQUIRES: !hands_over().
  void send(const Json& line, std::vector<Descriptor> descriptors);
  void settle();

  std::string input_;  ///< from taken_ on: what isn't a whole line yet, or waits for room
  std::size_t taken_ = 0;
  bool skipping_ = false;  ///< the rest of a line that is too long
  bool ended_ = false;
  std::size_t owed_ = 0;  ///< answers
  std::set<Pattern> patterns_;
};

}  // namespace hubbub::agent
