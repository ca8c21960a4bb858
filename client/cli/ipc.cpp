// hubbub ipc: what each way between two processes costs on this machine. Needs no hub.
#include <unistd.h>

#include <algorithm>
#include <array>

#include "client/cli/command.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/ipc/chart.hpp"
#include "client/cli/ipc/experiment.hpp"
#include "client/cli/ipc/mechanisms.hpp"
#include "client/cli/layout.hpp"
#include "client/cli/output.hpp"
#include "client/cli/terminal.hpp"

namespace hubbub::cli {

namespace {

using Mechanisms = std::vector<const ipc::Mechanism*>;

constexpr std::chrono::milliseconds time_min{10};
constexpr std::chrono::minutes time_max{10};

/// One line on a terminal, of what is under way: written over, and in the end wiped out.
class ProgressLine {
 public:
  explicit ProgressLine(bool wanted) : on_(wanted && ::isatty(STDERR_FILENO) == 1) {}
  void show(const std::string& text) const {
    if (on_) write("\r\x1b[K" + text);
  }
  ~ProgressLine() { show(""); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

 private:
  static void write(const std::string& text) {
    [[maybe_unused]] auto wrote = ::write(STDERR_FILENO, text.data(), text.size());
  }
  bool on_;
};

std::string when_to_use(const Mechanisms& mechanisms) {
  std::vector<Definition> list;
  for (const auto* mechanism : mechanisms) {
    if (std::ranges::find(list, mechanism->name, &Definition::term) != list.end()) continue;
    auto text = std::string(mechanism->when);
    if (!mechanism->in_hubbub.empty()) text.append(" In hubbub: ").append(mechanism->in_hubbub).append(".");
    list.push_back({std::string(mechanism->name), std::move(text)});
  }
  return definitions(list);
}

/// What went wrong that must not counts more than what this machine can't.
int exit_code_of_rows(const std::vector<ipc::Row>& rows) {
  const auto measured = [](const ipc::Row& row) { return row.figures.has_value(); };
  for (const auto& row : rows)
    if (!row.figures && !ipc::is_refusal(row.figures.error())) return exit_code_of(row.figures.error().status);
  return std::ranges::any_of(rows, measured) ? exit_code::done : exit_code::unavailable;
}

class MeasureIpc : public Action {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"MECHANISM", "which; nothing: all of them", take_mechanism(), Hint::choice, false, true,
                    ipc::mechanism_names()});
    syntax.option({"--bytes", "COUNT", "length of a message; 128 if not given",
                   store(bytes_, ipc::message_bytes_min, ipc::message_bytes_max)});
    syntax.option({"--seconds", "SECONDS", "for each mechanism; 1 if not given", store(time_)});
    syntax.option({"--json", "", "one JSON object a line, each as soon as it is measured", store(json_)});
  }

  Result<void> check() override {
    plan_.message_bytes = bytes_.value_or(plan_.message_bytes);
    plan_.time = time_.value_or(plan_.time);
    if (chosen_.empty()) chosen_ = {ipc::all_mechanisms().begin(), ipc::all_mechanisms().end()};
    if (plan_.time >= time_min && plan_.time <= time_max) return {};
    return fail(Status::invalid_argument, "--seconds: a mechanism gets from 0.01 to 600 seconds");
  }

  int run(const Globals& globals) override {
    const auto rows = measure(globals);
    if (!rows) return rows.error();
    if (!json_ && !print(report(*rows, globals))) return exit_code::input_output;
    return exit_code_of_rows(*rows);
  }

 private:
  Take take_mechanism() {
    return [this](std::string_view word) -> Result<void> {
      const auto found = ipc::find_mechanism(word);
      if (!found) return tl::unexpected(found.error());
      chosen_.push_back(*found);
      return {};
    };
  }

  /// Fails with the exit code, where it was interrupted or stdout takes no more.
  tl::expected<std::vector<ipc::Row>, int> measure(const Globals& globals) const {
    std::vector<ipc::Row> rows;
    const ProgressLine progress(!globals.quiet);
    ipc::Watch watch;
    for (const auto* mechanism : chosen_) {
      const auto place = std::to_string(rows.size() + 1) + " of " + std::to_string(chosen_.size());
      progress.show("measuring " + std::string(mechanism->name) + " (" + place + ")");
      rows.push_back({mechanism->name, ipc::run_experiment(*mechanism, plan_, watch)});
      if (watch.interrupted_by() != 0) return tl::unexpected(128 + watch.interrupted_by());
      if (json_ && !print(json_row(rows.back(), machine_) + "\n")) return tl::unexpected(int{exit_code::input_output});
    }
    return rows;
  }

  [[nodiscard]] std::string report(const std::vector<ipc::Row>& rows, const Globals& globals) const {
    const ipc::Look look{terminal_columns(), locale_is_utf8(), wants_color(globals.no_color)};
    return headline(machine_, plan_.message_bytes) + "\n\n" + chart(rows, look) + "\n" + when_to_use(chosen_);
  }

  Mechanisms chosen_;
  std::optional<std::uint64_t> bytes_;
  std::optional<std::chrono::milliseconds> time_;
  bool json_ = false;
  ipc::Plan plan_;
  const ipc::Machine machine_ = ipc::this_machine();  ///< as it is before we are at work on it
};

constexpr std::array examples = {
    Example{"hubbub ipc", "all of them, in about ten seconds"},
    Example{"hubbub ipc unix tcp --bytes 4096", "what a server on this machine had better listen on"},
    Example{"taskset -c 0 hubbub ipc --seconds 0.2", "the same on a single CPU, and faster"},
    Example{"hubbub ipc --json | jq -r '[.mechanism, .p50_us] | @tsv'", "for a table of one's own"},
};

}  // namespace

extern const Command ipc_command;
const Command ipc_command = {
    "ipc",
    "measure what each way between two processes costs on this machine",
    "[MECHANISM…] [--bytes COUNT] [--seconds SECONDS] [--json]",
    "For each mechanism two processes exchange messages: first there and back, one at a time (the median of the round "
    "trips and the time that 99 of 100 don't exceed), then one way as fast as it goes, until all have arrived. Both "
    "after a warm-up, and every message is checked to be whole and the next one. The bars are round trips on a "
    "logarithmic scale: dark up to p50, light up to p99. Then comes when to use which. Needs no hub.\n\n"
    "pipe, fifo; unix (stream) and datagram sockets; tcp (over the loopback, TCP_NODELAY); queue (POSIX); spin and "
    "futex (shared memory, waiting in a loop or asleep); signal (real-time, carrying 8 bytes). What this machine can't "
    "do has a line that says why. The processes may run on any CPU; taskset(1) restricts them.\n\n"
    "The exit code is 0 if anything was measured, 69 if nothing could be, and 70 or 124 if something broke that must "
    "not: a message lost or torn, a process that died, or that came to no end.",
    examples,
    make_action<MeasureIpc>,
};

}  // namespace hubbub::cli
