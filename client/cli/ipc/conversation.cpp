#include "client/cli/ipc/conversation.hpp"

#include <algorithm>
#include <vector>

#include "client/cli/ipc/stamp.hpp"

namespace hubbub::ipc {

namespace {

using Clock = std::chrono::steady_clock;
using Samples = std::vector<std::chrono::nanoseconds>;

Result<void> check(std::span<const std::byte> message, std::uint64_t wanted) {
  const auto stamp = read_stamp(message);
  if (!stamp) return fail(Status::data_loss, "message " + std::to_string(wanted) + " came torn");
  if (stamp->number == wanted) return {};
  return fail(Status::data_loss,
              "message " + std::to_string(stamp->number) + " came where " + std::to_string(wanted) + " was due");
}

class Asker {
 public:
  Asker(End& end, std::size_t message_bytes) : end_(end), message_(message_bytes) {}

  /// At most round_trips_max, for a time; if that is too short for round_trips_min, for as long again as there is
  /// patience.
  Result<void> round_trips(std::chrono::nanoseconds time, std::chrono::nanoseconds patience, Samples& samples) {
    samples.clear();
    samples.reserve(round_trips_max);
    const auto until = Clock::now() + time, at_latest = until + patience;
    auto now = Clock::now();
    while (samples.size() < round_trips_max && now < (samples.size() < round_trips_min ? at_latest : until)) {
      const auto sent = Clock::now();
      if (auto there_and_back = ask(); !there_and_back) return there_and_back;
      now = Clock::now();
      samples.push_back(now - sent);
      if (auto right = check(message_, next_ - 1); !right) return right;
    }
    return {};
  }

  /// Looks at the clock only now and then, since that takes as long as the fastest mechanisms do.
  Result<void> one_way(std::chrono::nanoseconds time, Figures& figures) {
    constexpr std::uint64_t messages_between_looks = 64;
    const auto begun = Clock::now();
    const auto first = next_;
    do {
      for (std::uint64_t i = 0; i < messages_between_looks; ++i)
        if (auto told = send(Kind::tell); !told) return told;
    } while (Clock::now() - begun < time);
    if (auto arrived = ask(); !arrived) return arrived;
    figures.took = Clock::now() - begun;
    figures.messages = next_ - first;
    return check(message_, next_ - 1);
  }

  Result<void> finish() { return send(Kind::end); }

 private:
  Result<void> send(Kind kind) {
    stamp(message_, {kind, next_++});
    if (!end_.send(message_)) return cannot("send");
    return {};
  }
  Result<void> ask() {
    if (auto sent = send(Kind::ask); !sent) return sent;
    if (!end_.receive(message_)) return cannot("receive an answer");
    return {};
  }

  End& end_;
  std::vector<std::byte> message_;
  std::uint64_t next_ = 0;
};

}  // namespace

Result<Figures> ask(End& end, const Plan& plan) {
  const std::chrono::nanoseconds warm_up = plan.time / 10, measured = 4 * plan.time / 10;
  Asker asker(end, plan.message_bytes);
  Samples samples;
  Figures figures;
  auto asked = asker.round_trips(warm_up, std::chrono::nanoseconds(0), samples);
  if (asked) asked = asker.round_trips(measured, plan.patience, samples);
  if (asked && samples.size() < round_trips_min)
    return fail(Status::unavailable,
                "only " + std::to_string(samples.size()) + " round trips: the machine is too busy");
  if (asked) asked = asker.one_way(warm_up, figures);
  if (asked) asked = asker.one_way(measured, figures);
  if (asked) asked = asker.finish();
  if (!asked) return tl::unexpected(asked.error());
  std::ranges::sort(samples);
  figures.round_trips = samples.size();
  figures.p50 = percentile(samples, 50);
  figures.p99 = percentile(samples, 99);
  figures.message_bytes = plan.message_bytes;
  return figures;
}

Result<void> answer(End& end, std::size_t message_bytes) {
  std::vector<std::byte> message(message_bytes);
  for (std::uint64_t next = 0;; ++next) {
    if (!end.receive(message)) return cannot("receive a message");
    if (auto right = check(message, next); !right) return right;
    const auto kind = read_stamp(message)->kind;
    if (kind == Kind::end) return {};
    if (kind == Kind::ask && !end.send(message)) return cannot("send an answer");
  }
}

}  // namespace hubbub::ipc
