#include "server/services/exact_calls.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

#include "server/services/services.hpp"

namespace hubbub::server {

bool ExactCalls::has_room(const Sum& sum, const CallGiven& call) const {
  return sum.calls < limits_.calls && sum.bytes + call.arguments.size() <= limits_.bytes;
}

Result<bool> ExactCalls::ask(const Key& key, CallGiven call, SessionRef asker) {
  const auto known = entries_.find(key);
  if (known != entries_.end()) {
    if (known->second.call.question != call.question)
      return fail(Status::already_exists, "this id was given to another call; take a new one");
    add_asker(key, known->second, asker);
    return false;
  }
  if (!has_room(looked_up_, call))
    return fail(Status::resource_exhausted, "the hub looks up as many calls as it may; ask again later");
  auto& entry = entries_[key];
  entry.call = std::move(call);
  ++looked_up_.calls;
  looked_up_.bytes += entry.call.arguments.size();
  add_asker(key, entry, asker);
  return true;
}

Result<void> ExactCalls::accept(const Key& key) {
  auto& entry = entries_.at(key);
  assert(entry.state == State::looked_up);
  if (!has_room(kept_, entry.call))
    return fail(Status::resource_exhausted,
                "the hub holds as many calls that wait to be answered as it may; try again later");
  auto& of_person = by_person_[entry.call.person.str()];
  if (of_person >= limits_.calls_per_person)
    return fail(Status::resource_exhausted, std::to_string(of_person) +
                                                " exactly-once calls of yours wait to be answered, as many as the hub "
                                                "allows one person; ask again once some are");
  ++of_person;
  const auto bytes = entry.call.arguments.size();
  --looked_up_.calls;
  looked_up_.bytes -= bytes;
  ++kept_.calls;
  kept_.bytes += bytes;
  entry.state = State::being_written;
  return {};
}

void ExactCalls::written(const Key& key) {
  auto& entry = entries_.at(key);
  assert(entry.state == State::being_written);
  wait(key, entry);
}

void ExactCalls::restore(const Key& key, CallGiven call) {
  ++kept_.calls;
  kept_.bytes += call.arguments.size();
  ++by_person_[call.person.str()];
  auto& entry = entries_[key];
  entry.call = std::move(call);
  entry.attempts = 1;
  wait(key, entry);
}

// ── what waits for a provider ────────────────────────────────────────────────────────────────────────────────────────

void ExactCalls::wait(const Key& key, Entry& entry) {
  entry.state = State::waits;
  auto& line = *lines_.try_emplace(std::string(entry.call.method.str())).first;
  line.second.keys.push_back(key);
  wake(line);
}

void ExactCalls::wake(Lines::value_type& line) {
  if (!std::exchange(line.second.woken, true)) woken_.push_back(line.first);
}

void ExactCalls::wake(std::string_view service, const std::function<bool(std::string_view method)>& has) {
  const auto beginning = std::string(service) + '.';
  for (auto at = lines_.lower_bound(beginning); at != lines_.end() && at->first.starts_with(beginning); ++at)
    if (service_of(at->first) == service && has(last_token_of(at->first))) wake(*at);
}

std::optional<ExactCalls::Next> ExactCalls::next() const {
  if (woken_.empty()) return std::nullopt;
  const auto& key = lines_.find(woken_.front())->second.keys.front();
  const auto& entry = entries_.at(key);
  const auto next =
      static_cast<std::uint16_t>(std::min(entry.attempts + 1, +std::numeric_limits<std::uint16_t>::max()));
  return Next{key, &entry.call, next};
}

void ExactCalls::given(const Key& key) {
  auto& entry = entries_.at(key);
  assert(entry.state == State::waits);
  entry.state = State::runs;
  if (entry.attempts < std::numeric_limits<std::uint16_t>::max()) ++entry.attempts;
  const auto line = lines_.find(woken_.front());
  line->second.keys.pop_front();
  if (!line->second.keys.empty()) woken_.push_back(line->first);
  if (line->second.keys.empty()) lines_.erase(line);
  woken_.pop_front();
}

void ExactCalls::not_given(const Key& key) {
  assert(entries_.at(key).state == State::waits);
  lines_.find(woken_.front())->second.woken = false;
  woken_.pop_front();
}

// ── what was given to one ────────────────────────────────────────────────────────────────────────────────────────────

std::chrono::milliseconds ExactCalls::not_done(const Key& key) {
  auto& entry = entries_.at(key);
  assert(entry.state == State::runs);
  entry.state = State::rests;
  constexpr unsigned doublings_max = 10;
  return std::min(rest_min * (1u << std::min(entry.failures++, doublings_max)), rest_max);
}

void ExactCalls::rested(const Key& key) {
  auto& entry = entries_.at(key);
  assert(entry.state == State::rests);
  wait(key, entry);
}

bool ExactCalls::answered(const Key& key, StoredReply reply) {
  auto& entry = entries_.at(key);
  assert(entry.state == State::runs);
  if (answers_bytes_ > 0 && answers_bytes_ + reply.result.size() > limits_.bytes) return false;
  answers_bytes_ += reply.result.size();
  entry.reply = std::move(reply);
  entry.state = State::answered;
  return true;
}

ExactCalls::Over ExactCalls::over(const Key& key) {
  const auto node = entries_.extract(key);
  auto& entry = node.mapped();
  assert(entry.state == State::answered || entry.state == State::looked_up);
  auto& sum = entry.state == State::looked_up ? looked_up_ : kept_;
  --sum.calls;
  sum.bytes -= entry.call.arguments.size();
  answers_bytes_ -= entry.reply.result.size();
  if (entry.state == State::answered) {
    const auto of_person = by_person_.find(entry.call.person.str());
    if (--of_person->second == 0) by_person_.erase(of_person);
  }
  for (const auto asker : entry.askers) {
    const auto asked = asked_by_.find(asker);
    asked->second.erase(key);
    if (asked->second.empty()) asked_by_.erase(asked);
  }
  return {std::move(entry.askers), std::move(entry.reply)};
}

// ── who waits ────────────────────────────────────────────────────────────────────────────────────────────────────────

void ExactCalls::add_asker(const Key& key, Entry& entry, SessionRef asker) {
  if (asked_by_[asker].insert(key).second) entry.askers.push_back(asker);
}

bool ExactCalls::give_up(const Key& key, SessionRef asker) {
  const auto asked = asked_by_.find(asker);
  if (asked == asked_by_.end() || asked->second.erase(key) == 0) return false;
  if (asked->second.empty()) asked_by_.erase(asked);
  std::erase(entries_.at(key).askers, asker);
  return true;
}

void ExactCalls::lost(SessionRef asker) {
  const auto asked = asked_by_.extract(asker);
  if (asked.empty()) return;
  for (const auto& key : asked.mapped()) std::erase(entries_.at(key).askers, asker);
}

}  // namespace hubbub::server
