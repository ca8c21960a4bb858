// Calls of services that take effect exactly once, from the question to the answer that is kept.
//
//   ask --> looked up --> accepted: being written --> waits for a provider --> runs --> answered: being written -->
//   over
//              |                                        ^            ^          |
//              +--> was answered before: over        restored        +-- rests -+ not done
//
// Whoever asks meanwhile waits for the same answer; who gives up ends only its own wait. What was answered isn't in
// here: the store has it. A call that nobody can run now waits for a provider, however long. One that was lost with its
// provider, or refused by it, rests first, longer each time, since it may be what kills its providers.
// Pure: no sockets, clocks, disk or threads. Used on core 0.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/core/session_ref.hpp"
#include "server/dispatch/reply_cache.hpp"
#include "server/log/records.hpp"

namespace hubbub::server {

class ExactCalls {
 public:
  struct Limits {
    std::size_t calls = 10'000;
    std::size_t bytes = 64 << 20;  ///< of their arguments; and as much of answers that are being written
    std::size_t calls_per_person = 1000;
  };
  /// As providers know a call: not by its client's own id.
  using Key = std::pair<ClientId, CallId>;

  /// How long a call rests that was not done: at first, and after many times.
  static constexpr std::chrono::milliseconds rest_min{100}, rest_max{30'000};

  ExactCalls() : ExactCalls(Limits{}) {}
  explicit ExactCalls(Limits limits) : limits_(limits) {}

  /// The asker waits for the answer. True: nobody else asks for it yet, so it is to be looked up in the store, and then
  /// accepted or over. Fails with already_exists where the id is another question's, with resource_exhausted while too
  /// many are looked up.
  Result<bool> ask(const Key& key, CallGiven call, SessionRef asker);
  /// It was never asked before: it is to be written, and stays until it is answered. Fails with resource_exhausted
  /// where as many do as may, of all or of that person.
  Result<void> accept(const Key& key);
  void written(const Key& key);
  /// One of an earlier life of the hub. It may have been given to a provider then.
  void restore(const Key& key, CallGiven call);
  [[nodiscard]] const CallGiven& call(const Key& key) const { return entries_.at(key).call; }
  /// It is written, and so stays.
  [[nodiscard]] bool is_kept(const Key& key) const { return entries_.at(key).state >= State::waits; }

  /// A provider of that service was offered, or has become free, which has those methods of it.
  void wake(std::string_view service, const std::function<bool(std::string_view method)>& has);
  [[nodiscard]] bool is_anything_waiting() const { return !lines_.empty(); }
  struct Next {
    Key key;
    const CallGiven* call;
    std::uint16_t attempt;
  };
  /// What is to be handed to a provider now, if one is free: given() or not_given() says whether it was. Each method
  /// has its turn.
  [[nodiscard]] std::optional<Next> next() const;
  void given(const Key& key);
  /// It waits on, and with it all calls of that method, until wake().
  void not_given(const Key& key);
  /// What it was given to has lost or refused it. Returns how long it rests until rested().
  std::chrono::milliseconds not_done(const Key& key);
  void rested(const Key& key);
  /// This is the answer, to be written before anybody hears of it. False: too many answers are being written, so it
  /// counts as not done.
  bool answered(const Key& key, StoredReply reply);

  struct Over {
    std::vector<SessionRef> askers;
    StoredReply reply;  ///< of one that was answered()
  };
  /// Its answer is written, or it was only looked up.
  Over over(const Key& key);
  /// False where that session doesn't wait for it.
  bool give_up(const Key& key, SessionRef asker);
  void lost(SessionRef asker);

  [[nodiscard]] bool knows(const Key& key) const { return entries_.contains(key); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  enum class State { looked_up, being_written, waits, runs, rests, answered };
  struct Entry {
    CallGiven call;
    std::vector<SessionRef> askers;
    State state = State::looked_up;
    std::uint16_t attempts = 0;  ///< so often it was given to a provider
    unsigned failures = 0;       ///< of these, those in which it was not done; of this life of the hub
    StoredReply reply;
  };
  /// Calls of one method that wait for a provider.
  struct Line {
    std::deque<Key> keys;  ///< never empty
    bool woken = false;    ///< is among woken_
  };
  using Lines = std::map<std::string, Line, std::less<>>;
  struct Sum {
    std::size_t calls = 0, bytes = 0;
  };

  [[nodiscard]] bool has_room(const Sum& sum, const CallGiven& call) const;
  void add_asker(const Key& key, Entry& entry, SessionRef asker);
  void wait(const Key& key, Entry& entry);
  void wake(Lines::value_type& line);

  Limits limits_;
  std::map<Key, Entry> entries_;
  std::unordered_map<SessionRef, std::set<Key>> asked_by_;
  Lines lines_;                                             // by method
  std::deque<std::string> woken_;                           // methods whose first call is to be tried
  std::unordered_map<std::string, std::size_t> by_person_;  // how many are kept; none of zero
  Sum looked_up_, kept_;                                    // of what is only looked up, and of the rest
  std::size_t answers_bytes_ = 0;                           // that are being written
};

}  // namespace hubbub::server
