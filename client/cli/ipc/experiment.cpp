#include "client/cli/ipc/experiment.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>

#include "client/cli/ipc/child.hpp"
#include "client/cli/ipc/shared.hpp"

namespace hubbub::ipc {

namespace {

using std::chrono::milliseconds;

/// Over the planned time and patience, for a machine that has other things to do.
constexpr milliseconds slack{5'000};
/// After one process has failed: for the other one, which may be the cause, to end as well.
constexpr milliseconds grace{200};
constexpr milliseconds between_looks{100};

/// What a process leaves behind in shared memory.
struct Report {
  Figures figures;
  Status status = Status::ok;
  std::chrono::steady_clock::time_point failed_at;
  char sentence[240] = {};

  void set_failure(const Error& error) {
    status = error.status;
    failed_at = std::chrono::steady_clock::now();
    std::strncpy(sentence, error.sentence.c_str(), sizeof sentence - 1);
  }
};

struct Reports {
  Report asking, answering;
};

/// Runs in a child, and takes its end with it.
bool work(std::unique_ptr<End> end, const Plan& plan, Report& report, bool asks) {
  end->enter();
  if (asks) {
    const auto figures = ask(*end, plan);
    if (figures) report.figures = *figures;
    if (!figures) report.set_failure(figures.error());
    return figures.has_value();
  }
  const auto answered = answer(*end, plan.message_bytes);
  if (!answered) report.set_failure(answered.error());
  return answered.has_value();
}

Error death_of(const Child& child, const std::string& role) {
  const int number = child.killed_by();
  return {Status::internal,
          "the " + role + " process was killed by signal " + std::to_string(number) + " (" + ::strsignal(number) + ")"};
}

/// Both processes, from their start to their end.
class Experiment {
 public:
  Experiment(Child asking, Child answering, const Reports& reports)
      : asking_(std::move(asking)), answering_(std::move(answering)), reports_(reports) {}
  /// Both are killed before one is collected: a signal must not go to whoever gets a collected one's id.
  ~Experiment() {
    asking_.kill();
    answering_.kill();
  }
  Experiment(const Experiment&) = delete;
  Experiment& operator=(const Experiment&) = delete;

  Result<Figures> outcome(milliseconds limit, Watch& watch) {
    wait_for_both(limit, watch);
    if (watch.interrupted_by() != 0) return fail(Status::cancelled, "interrupted");
    if (auto error = failure()) return tl::unexpected(*std::move(error));
    if (asking_.state() == Child::State::ended_well) return reports_.asking.figures;
    return fail(Status::deadline_exceeded, "didn't come to an end");
  }

 private:
  void wait_for_both(milliseconds left, Watch& watch) const {
    bool hurried = false;
    while (left > milliseconds(0) && watch.interrupted_by() == 0) {
      const auto asking = asking_.state(), answering = answering_.state();
      if (asking != Child::State::runs && answering != Child::State::runs) return;
      if (!hurried && (is_bad(asking) || is_bad(answering))) {
        left = std::min(left, grace);
        hurried = true;
      }
      left -= watch.wait(std::min(left, between_looks));
    }
  }

  static bool is_bad(Child::State state) { return state == Child::State::failed || state == Child::State::killed; }

  /// Where one was killed, what the other one says is only a consequence; where both failed, the first one is the
  /// cause.
  [[nodiscard]] std::optional<Error> failure() const {
    if (asking_.state() == Child::State::killed) return death_of(asking_, "asking");
    if (answering_.state() == Child::State::killed) return death_of(answering_, "answering");
    const Report* first = nullptr;
    if (asking_.state() == Child::State::failed) first = &reports_.asking;
    if (answering_.state() == Child::State::failed &&
        (first == nullptr || reports_.answering.failed_at < first->failed_at))
      first = &reports_.answering;
    if (first == nullptr) return std::nullopt;
    return Error{first->status, first->sentence};
  }

  Child asking_, answering_;
  const Reports& reports_;
};

}  // namespace

Result<Figures> run_experiment(const Mechanism& mechanism, const Plan& plan, Watch& watch) {
  const Plan own{std::min(plan.message_bytes, mechanism.message_bytes_max), plan.time, plan.patience};
  auto memory = SharedMemory::map(sizeof(Reports));
  if (!memory) return tl::unexpected(memory.error());
  auto* const reports = new (memory->data()) Reports{};
  auto ends = mechanism.open(own.message_bytes);
  if (!ends) return tl::unexpected(ends.error());
  auto answering = Child::start([&] {
    ends->asking.reset();
    return work(std::move(ends->answering), own, reports->answering, false);
  });
  if (!answering) return tl::unexpected(answering.error());
  auto asking = Child::start([&] {
    ends->answering.reset();
    return work(std::move(ends->asking), own, reports->asking, true);
  });
  if (!asking) return tl::unexpected(asking.error());
  ends = Ends{};  // here they would keep a process waiting for one that has died
  Experiment experiment(std::move(*asking), std::move(*answering), *reports);
  return experiment.outcome(own.time + own.patience + slack, watch);
}

bool is_refusal(const Error& error) { return error.status == Status::unavailable; }

}  // namespace hubbub::ipc
