// Calls of services while providers and the hub are killed at random: what is called at most once has no second effect,
// what is called exactly once has one answer, the same for ever, and effects under one key; nobody waits beyond a
// deadline. HUBBUB_SEED=N throws the dice as in that run.
#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "tests/integration/cli/shell.hpp"
#include "tests/integration/durable/kept_hub.hpp"
#include "tests/integration/hub/a_service.hpp"
#include "tests/support/dice.hpp"

namespace hubbub::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t deadline_ms = 1000;
/// What a busy machine may add to it.
constexpr Milliseconds lateness{10'000};
constexpr Milliseconds bad_weather{5000};
constexpr std::size_t providers_count = 3, callers_count = 6, hub_kills_max = 5;
constexpr std::uint64_t under_way = 8, rounds_max = 500;

/// Notes each effect with the call's name and key before it answers with what no other run of it says.
constexpr auto program = R"(
n=0
while IFS= read -r line; do
  case $line in *'"cancel":true'*) continue ;; esac
  id=${line#*\"id\":}; id=${id%%,*}
  key=${line#*\"call\":\"}; key=${key%%\"*}
  name=${line#*\"name\":\"}; name=${name%%\"*}
  echo "$name $key" >> effects
  n=$((n + 1))
  echo "{\"id\":$id,\"result\":\"$$-$n\"}"
done
)";

/// What a call was answered with, as far as it is to be the same for ever.
struct Answer {
  Status status = Status::ok;
  std::string provider, result;
  bool operator==(const Answer&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Answer& answer) {
    return out << name_of(answer.status) << ": " << answer.result << " of " << answer.provider;
  }
};

Answer answer_in(const proto::Reply& reply) {
  if (reply.status != Status::ok) return {reply.status, {}, std::string(reply.result.bytes)};
  const auto answer = reply_in(reply).answers.at(0);
  return {answer.status, answer.provider.str(), std::string(answer.result.bytes)};
}

/// One client id with many calls, which comes back whenever its connection is lost.
class ACaller {
 public:
  ACaller(std::string url, std::string name, Dice dice)
      : url_(std::move(url)),
        name_(std::move(name)),
        who_{name_, random_id<ClientId>(), random_id<OwnerKey>()},
        dice_(dice) {}

  void run(const std::atomic<bool>& over) {
    for (std::uint64_t round = 0; round < rounds_max && !over; ++round) {
      for (std::uint64_t i = 0; i < under_way; ++i) open_.emplace(++last_, Open{dice_.one_in(2)});
      settle_all();
    }
  }
  /// Each exactly-once call again: the kept answer comes, and is as it was.
  void ask_again() {
    WireClient client(url_);
    client.greet(who_);
    for (const auto& [id, answer] : exact_) {
      send(client, id, true);
      const auto reply = client.expect<proto::Reply>();
      EXPECT_EQ(answer_in(reply), answer) << name_of(id);
      EXPECT_TRUE(reply.status != Status::ok || reply_in(reply).replayed) << name_of(id);
    }
    meet_the_directory(client);
    EXPECT_FALSE(client.find<proto::Reply>()) << "a call was answered twice";
  }

  [[nodiscard]] std::string name_of(std::uint64_t id) const { return name_ + "." + std::to_string(id); }
  [[nodiscard]] const std::map<std::uint64_t, Answer>& exact() const { return exact_; }
  [[nodiscard]] const std::map<std::uint64_t, Answer>& at_most() const { return at_most_; }

 private:
  struct Open {
    bool exactly = false;
    std::optional<HubLife> sent_in_life = {};
    Clock::time_point sent_at = {};
  };

  void settle_all() {
    while (!open_.empty()) {
      try {
        if (!client_) connect();
        for (auto& [id, open] : open_)
          if (open.sent_at == Clock::time_point()) send(id, open);
        take_reply();
      } catch (const Failure&) {
        lose_connection();
      }
    }
  }
  void connect() {
    wait_until("the hub is there", [this] {
      try {
        client_.emplace(url_);
        life_ = client_->greet(who_).life;
        return true;
      } catch (const Failure&) {
        client_.reset();
        return false;
      }
    });
    std::erase_if(open_, [this](const auto& one) {  // nobody knows what became of it
      const auto& [id, open] = one;
      const bool gone = !open.exactly && open.sent_in_life && *open.sent_in_life != life_;
      if (gone) at_most_[id] = {Status::unknown, {}, {}};
      return gone;
    });
    for (auto& [id, open] : open_) open.sent_at = {};
  }
  void lose_connection() {
    for (const auto& [id, open] : open_)
      if (open.sent_at != Clock::time_point() && Clock::now() - open.sent_at > Milliseconds(deadline_ms) + lateness)
        ADD_FAILURE() << name_of(id) << " had no answer in time";
    client_.reset();
  }
  void send(WireClient& client, std::uint64_t id, bool exactly) const {
    const auto arguments = "{\"name\":\"" + name_of(id) + "\"}";
    ask(client, {id, "work.do", arguments, deadline_ms, false, exactly ? proto::Once::exactly : proto::Once::at_most});
  }
  void send(std::uint64_t id, Open& open) {
    open.sent_at = Clock::now();
    open.sent_in_life = life_;
    send(*client_, id, open.exactly);
  }
  void take_reply() {
    const auto reply = client_->expect<proto::Reply>(Deadline(Milliseconds(deadline_ms) + lateness));
    const auto found = open_.find(reply.id.value);
    ASSERT_NE(found, open_.end()) << name_of(reply.id.value) << " was answered twice";
    auto& open = found->second;
    EXPECT_LT(Clock::now() - open.sent_at, Milliseconds(deadline_ms) + lateness);
    if (open.exactly && reply.status == Status::deadline_exceeded) {
      open.sent_at = {};  // the call stays: it is asked again
      return;
    }
    (open.exactly ? exact_ : at_most_)[found->first] = answer_in(reply);
    open_.erase(found);
  }

  std::string url_, name_;
  Greeting who_;
  Dice dice_;
  std::optional<WireClient> client_;
  HubLife life_;
  std::uint64_t last_ = 999;
  std::map<std::uint64_t, Open> open_;
  std::map<std::uint64_t, Answer> exact_, at_most_;
};

class CrashesOfServices : public testing::Test {
 protected:
  CrashesOfServices() {
    shell_.environment["HUBBUB_URL"] = hub_->url();
    write_file(shell_.path("program"), program);
    for (std::size_t i = 0; i < callers_count; ++i)
      callers_.emplace_back(hub_->url(), "caller" + std::to_string(i), dice_.fork());
    while (providers_.size() < providers_count) providers_.push_back(start_provider());
  }
  static std::uint64_t seed() {
    const char* const text = std::getenv("HUBBUB_SEED");
    const auto seed = text == nullptr ? std::random_device()() : std::strtoull(text, nullptr, 10);
    std::cout << "HUBBUB_SEED=" << seed << std::endl;
    return seed;
  }
  Job start_provider() {
    return shell_.start("exec hubbub --name p" + std::to_string(++started_) +
                        " serve work --at-once 4 --lines 'exec sh program'");
  }
  void let_it_rain() {
    const auto until = Clock::now() + bad_weather;
    while (Clock::now() < until) {
      std::this_thread::sleep_for(Milliseconds(dice_.between(20, 200)));
      if (dice_.one_in(8) && hub_kills_ < hub_kills_max) {
        ++hub_kills_;
        hub_->stop(SIGKILL);
        std::this_thread::sleep_for(Milliseconds(dice_.below(50)));
        hub_->start_again();
        continue;
      }
      const auto which = dice_.below(providers_count);
      providers_[which].signal_alone(SIGKILL);
      std::vector<Job> others;
      for (std::size_t i = 0; i < providers_count; ++i)
        others.push_back(i == which ? start_provider() : std::move(providers_[i]));
      providers_.swap(others);
    }
  }
  /// By the call's name, the keys of its effects.
  std::map<std::string, std::vector<std::string>> effects() {
    std::map<std::string, std::vector<std::string>> keys;
    std::istringstream lines(read_file(shell_.path("effects")));
    for (std::string name, key; lines >> name >> key;) keys[name].push_back(key);
    return keys;
  }
  void check_effects() {
    const auto keys_of = effects();
    const auto of = [&](const std::string& name) {
      const auto found = keys_of.find(name);
      return found == keys_of.end() ? std::vector<std::string>() : found->second;
    };
    std::set<std::string> all;
    for (const auto& caller : callers_) {
      for (const auto& [id, answer] : caller.at_most()) {
        const auto keys = of(caller.name_of(id));
        EXPECT_LE(keys.size(), 1u) << caller.name_of(id) << " took effect twice";
        EXPECT_TRUE(answer.status != Status::ok || keys.size() == 1) << caller.name_of(id);
        all.insert(keys.begin(), keys.end());
      }
      for (const auto& [id, answer] : caller.exact()) {
        const auto keys = of(caller.name_of(id));
        EXPECT_EQ(answer.status, Status::ok) << caller.name_of(id) << ": " << answer.result;
        EXPECT_GE(keys.size(), 1u) << caller.name_of(id);
        EXPECT_LE(std::set(keys.begin(), keys.end()).size(), 1u) << caller.name_of(id) << " has several keys";
        all.insert(keys.begin(), keys.end());
      }
    }
    EXPECT_EQ(all.size(), keys_of.size()) << "no two calls have one key";
  }

  KeptHub hub_;
  Shell shell_;
  Dice dice_{seed()};
  int started_ = 0;
  std::size_t hub_kills_ = 0;
  std::vector<ACaller> callers_;
  std::vector<Job> providers_;
};

TEST_F(CrashesOfServices, DoNothingTwiceThatIsCalledAtMostOnceAndLeaveOneAnswerOfWhatIsCalledExactlyOnce) {
  std::atomic<bool> over = false;
  std::vector<std::jthread> running;
  for (auto& caller : callers_) running.push_back(run_beside([&](const std::stop_token&) { caller.run(over); }));
  let_it_rain();
  over = true;
  running.clear();
  std::size_t exact = 0, at_most = 0, answered = 0, again = 0;
  for (auto& caller : callers_) {
    caller.ask_again();
    exact += caller.exact().size();
    at_most += caller.at_most().size();
    for (const auto& [id, answer] : caller.at_most()) answered += answer.status == Status::ok ? 1 : 0;
  }
  hub_->stop(SIGKILL);
  hub_->start_again();
  for (auto& caller : callers_) caller.ask_again();
  check_effects();
  for (const auto& [name, keys] : effects()) again += keys.size() - 1;
  std::cout << exact << " calls exactly once, " << again << " of their effects again; " << at_most << " at most once, "
            << answered << " of them answered; " << started_ << " providers, " << hub_kills_ + 1 << " lives of the hub"
            << std::endl;
  EXPECT_GT(exact, 100u);
  EXPECT_GT(answered, 100u);
}

}  // namespace
}  // namespace hubbub::test
