// hubbub_bench: the hub's speed beside that of its peers and of the floor, on this machine and in one run.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/bench/plan.hpp"
#include "tests/bench/report.hpp"

namespace hubbub::bench {

namespace {

constexpr std::size_t spare_files = 64;  ///< for all that isn't a connection

struct Options {
  int runs = 5;
  bool quick = false;
  bool list = false;
  std::vector<std::string> named;
  std::vector<std::string> only;
  std::vector<std::string> servers;
  std::string json;
  Lab lab;
  Sizes sizes;
};

void add_options(CLI::App& app, Options& options) {
  app.add_option("workload", options.named, "as --only; `big` and other long ones run only where they are named")
      ->delimiter(',');
  app.add_option("--runs", options.runs, "paired runs, of which the median counts")->check(CLI::PositiveNumber);
  app.add_flag("--quick", options.quick, "one short run with small sizes: shows that it works, not how fast");
  app.add_flag("--list", options.list, "print the workloads and the servers, and end");
  app.add_option("--only", options.only, "only these workloads, by family or id")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--servers", options.servers, "only these servers")->delimiter(',')->allow_extra_args(false);
  app.add_option("--json", options.json, "also write everything to this file");
  app.add_option("--hub", options.lab.paths.hub, "the hubbubd to measure; default: the one beside this program");
  app.add_option("--hub-option", options.lab.paths.hub_options, "an argument more for hubbubd; repeatable")
      ->allow_extra_args(false);
  app.add_option("--data", options.lab.paths.data, "where servers keep what outlives them: a folder on a real disk");
  app.add_option("--seconds", options.lab.seconds, "of load in each throughput run");
  app.add_option("--idle-seconds", options.lab.idle_s, "of silence with idle connections");
  app.add_option("--subscribers", options.sizes.subscribers, "of the main fan-out")->delimiter(',');
  app.add_option("--chat-rooms", options.sizes.chat.rooms, "rooms of the chat");
  app.add_option("--chat-members", options.sizes.chat.members, "members of each of them");
  app.add_option("--idle-connections", options.sizes.idle_connections, "connections that only wait");
  app.add_option("--rooms", options.sizes.rooms, "rooms and patterns of the last workload; a multiple of 2000");
}

void make_quick(Options& options) {
  options.runs = 1;
  options.lab.seconds = 0.1;
  options.lab.warm_up_s = 0.02;
  options.lab.idle_s = 0.3;
  options.lab.open_loop_s = 0.3;
  options.lab.round_trips = 500;
  options.sizes.subscribers = {1, 10};
  options.sizes.chat.rooms = 10;
  options.sizes.chat.members = 5;
  options.sizes.idle_connections = 200;
  options.sizes.stopped_among = 20;
  options.sizes.rooms = 2000;
  options.sizes.durable_subscribers = 10;
  options.sizes.behind = 20'000;
  options.sizes.big_messages = 100'000;
  options.sizes.agent = {.commands = 5, .clients = 100, .messages = 20'000, .connects = 500};
  options.sizes.services = {.calls = 50, .calls_max = 2000};
  options.sizes.later = {.due = 1000, .pending = 20'000};
}

void fit_into_the_machine(Options& options) {
  options.lab.cores = usable_cores();
  options.lab.connections_max = raise_file_limit() - spare_files;
  if (options.sizes.idle_connections > options.lab.connections_max) {
    fmt::print(stderr, "note: the limit of open files (ulimit -n) allows only {} idle connections instead of {}\n",
               options.lab.connections_max, options.sizes.idle_connections);
    options.sizes.idle_connections = options.lab.connections_max;
  }
  if (options.lab.cores.all.size() < 2)
    fmt::print(stderr, "note: only one core, which server and generator share; wall-clock figures mean little\n");
}

bool is_chosen(const std::vector<std::string>& chosen, const std::string& name) {
  return chosen.empty() || std::ranges::find(chosen, name) != chosen.end();
}

std::vector<Contender> choose(const std::vector<Contender>& all, const Workload& workload, const Options& options) {
  std::vector<Contender> chosen;
  for (const auto& name : workload.contenders) {
    const auto found = std::ranges::find(all, name, &Contender::name);
    if (!found->program.empty() && is_chosen(options.servers, name)) chosen.push_back(*found);
  }
  return chosen;
}

/// One paired run: every contender once, each time another one first.
void run_once(const Workload& workload, const Lab& lab, const std::vector<Contender>& contenders, std::size_t run,
              Result& result) {
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    const auto& contender = contenders[(i + run) % contenders.size()];
    auto& outcome = result.outcomes[contender.name];
    try {
      outcome.runs.emplace_back(workload.run_one(lab, contender));
    } catch (const std::exception& error) {
      outcome.runs.emplace_back();
      outcome.failure = error.what();
    }
  }
}

void run_together(const Workload& workload, const Lab& lab, const std::vector<Contender>& contenders, Result& result) {
  try {
    for (auto& [name, metrics] : workload.run_together(lab, contenders))
      result.outcomes[name].runs.emplace_back(std::move(metrics));
  } catch (const std::exception& error) {
    for (const auto& contender : contenders) {
      result.outcomes[contender.name].runs.emplace_back();
      result.outcomes[contender.name].failure = error.what();
    }
  }
}

Result run_all(const Workload& workload, const Options& options, const std::vector<Contender>& contenders) {
  Result result{&workload, {}};
  const int runs = workload.on_demand ? 1 : options.runs;
  for (int run = 0; run < runs; ++run) {
    if (isatty(STDERR_FILENO)) fmt::print(stderr, "\r\033[K{}: run {} of {}", workload.title, run + 1, runs);
    if (workload.run_together)
      run_together(workload, options.lab, contenders, result);
    else
      run_once(workload, options.lab, contenders, static_cast<std::size_t>(run), result);
  }
  if (isatty(STDERR_FILENO)) fmt::print(stderr, "\r\033[K");
  return result;
}

std::string machine() {
  utsname name{};
  uname(&name);
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name"))
      return fmt::format("{}, {} {}", line.substr(line.find(':') + 2), name.sysname, name.release);
  return fmt::format("{} {} {}", name.machine, name.sysname, name.release);
}

void print_head(const Options& options, const std::vector<Contender>& all) {
  fmt::print("{}; {} cores\n", machine(), options.lab.cores.all.size());
  fmt::print("medians of {} paired runs; one core for the server, one for the generator; loopback TCP; nothing lost\n",
             options.runs);
  fmt::print("what outlives a server lies on {}\n", disk_at(options.lab.paths.data));
  fmt::print("M/CPU s: million deliveries per second of the server's CPU time; -2: a server on both cores\n");
  for (const auto& contender : all)
    if (contender.program.empty() && !contender.both_cores && is_chosen(options.servers, contender.name))
      fmt::print("not installed, so left out: {}\n", contender.name);
}

void write_json(const std::string& file, const Options& options, const std::vector<Result>& results) {
  nlohmann::json json = {{"machine", machine()}, {"cores", options.lab.cores.all.size()}, {"runs", options.runs}};
  json["workloads"] = nlohmann::json::array();
  for (const auto& result : results) json["workloads"].push_back(to_json(result));
  std::ofstream out(file);
  out << json.dump(2) << "\n";
  if (!out.flush()) throw Failed("can't write " + file);
}

bool is_wanted(const Workload& workload, const std::vector<std::string>& only) {
  if (only.empty()) return !workload.on_demand;
  return is_chosen(only, workload.family) || is_chosen(only, workload.id);
}

int list(const std::vector<Workload>& plan, const std::vector<Contender>& all) {
  for (const auto& workload : plan) fmt::print("{:<10} {:<20} {}\n", workload.family, workload.id, workload.title);
  for (const auto& contender : all)
    fmt::print("server     {:<20} {}\n", contender.name,
               contender.program.empty() ? "not installed" : contender.program);
  return 0;
}

bool all_succeeded(const std::vector<Result>& results) {
  for (const auto& result : results) {
    if (result.outcomes.empty()) return false;
    for (const auto& [name, outcome] : result.outcomes)
      if (!outcome.failure.empty()) return false;
  }
  return !results.empty();
}

int run(Options& options) {
  options.only.insert(options.only.end(), options.named.begin(), options.named.end());
  if (options.quick) make_quick(options);
  fit_into_the_machine(options);
  const auto plan = make_plan(options.sizes);
  const auto all = all_contenders(options.lab.paths);
  if (options.list) return list(plan, all);
  print_head(options, all);
  pin_this_thread({options.lab.cores.generator()});
  std::vector<Result> results;
  for (const auto& workload : plan) {
    if (!is_wanted(workload, options.only)) continue;
    const auto contenders = choose(all, workload, options);
    if (contenders.empty()) continue;
    results.push_back(run_all(workload, options, contenders));
    print(std::cout, results.back());
  }
  print_summary(std::cout, results);
  if (!options.json.empty()) write_json(options.json, options, results);
  return all_succeeded(results) ? 0 : 1;
}

}  // namespace

}  // namespace hubbub::bench

int main(int count, char** arguments) {
  CLI::App app(
      "Measures the hub beside its peers and beside the floor. Ends with 1 if a server failed or lost something.");
  hubbub::bench::Options options;
  hubbub::bench::add_options(app, options);
  CLI11_PARSE(app, count, arguments);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return hubbub::bench::run(options);
  } catch (const std::exception& error) {
    std::cerr << "hubbub_bench: " << error.what() << "\n";
    return 1;
  }
}
