#include "client/agent/json_session.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "client/agent/json_ops.hpp"

namespace hubbub::agent {

namespace {

/// What is deeper would be copied and written by recursion, and end the agent's stack. Strings hold no brackets that
/// count.
bool is_too_deep(std::string_view line) {
  int depth = 0, deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (in_string && c == '\\') ++i;
    if (c == '"') in_string = !in_string;
    if (in_string) continue;
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if (c == ']' || c == '}') --depth;
  }
  return deepest > JsonSession::depth_max;
}

}  // namespace

void JsonSession::take(std::string_view bytes) {
  input_.append(bytes);
  take_lines();
}

void JsonSession::take_lines() {
  while (may_take()) {
    const auto newline = input_.find('\n', taken_);
    if (newline == std::string::npos) break;
    const bool skip = std::exchange(skipping_, false);
    if (!skip && !take_line(std::string_view(input_).substr(taken_, newline - taken_))) return pause_until_writable();
    taken_ = newline + 1;
  }
  if (!may_take()) return;  // go_on() comes back
  input_.erase(0, std::exchange(taken_, 0));
  if (input_.size() < line_bytes_max) return settle();
  if (!std::exchange(skipping_, true))
    refuse(nullptr, {Status::invalid_argument,
                     "a line has at most " + std::to_string(line_bytes_max) + " bytes; this one is left out"});
  input_.clear();
  input_.shrink_to_fit();
}

bool JsonSession::take_line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return true;
  if (is_too_deep(line))
    return refuse(nullptr, {Status::invalid_argument,
                            "a line has at most " + std::to_string(depth_max) + " brackets within brackets"}),
           true;
  const auto request = Json::parse(line, nullptr, false);
  if (!request.is_object())
    return refuse(nullptr,
                  {Status::invalid_argument, R"(a line is a JSON object, as {"op":"pub","room":"lobby","text":"hi"})"}),
           true;
  return perform(std::static_pointer_cast<JsonSession>(shared_from_this()), request);
}

void JsonSession::ended() {
  ended_ = true;
  if (may_take() && !input_.empty()) return take("\n");
  settle();
}

void JsonSession::go_on_soon() {
  if (!is_open()) return;
  asio::post(core_.loop, [self = shared_from_this()] { static_cast<JsonSession&>(*self).go_on(); });
}

/// A program that only asks and ends gets its answers first; one that has subscribed gets what it has subscribed to
/// until it closes its side.
void JsonSession::settle() {
  const bool receives = !patterns_.empty() || core_.ring.has(this);
  if (is_open() && ended_ && owed_ == 0 && !receives && input_.empty()) finish();
}

// ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

void JsonSession::send(const Json& line) {
  // What isn't UTF-8 can only be a program's own id.
  output().append(line.dump(-1, ' ', false, Json::error_handler_t::replace)).append("\n");
  write_soon();
}

void JsonSession::send(const Json& line, std::vector<Descriptor> descriptors) {
  hand_over(std::move(descriptors));
  send(line);
}

void JsonSession::refuse(const Json* id, const Error& why) {
  Json line;
  if (id != nullptr) line["id"] = *id;
  line["error"] = {{"status", name_of(why.status)}, {"sentence", why.sentence}};
  send(line);
}

void JsonSession::attached(const LocalRoom& room, Seq next) {
  send({{"op", "attached"}, {"room", room.name.str()}, {"next", next.value}});
}

void JsonSession::receive(const LocalMessage& message) {
  output().append(message.json());
  write_soon();
}

void JsonSession::lost(const LocalRoom& room, Seq first, Seq last) {
  send({{"op", "lost"}, {"room", room.name.str()}, {"first", first.value}, {"last", last.value}});
}

void JsonSession::event(const LocalRoom* room, const proto::Event& event) {
  Json line = {{"op", "event"}, {"event", proto::name_of(event.kind)}};
  if (room != nullptr) line["room"] = room->name.str();
  line["person"] = event.person.name.str();
  line["presence"] = proto::name_of(event.person.presence);
  if (!event.text.empty()) line["text"] = event.text.str();
  if (event.seq != Seq{}) line["seq"] = event.seq.value;
  send(line);
}

}  // namespace hubbub::agent
