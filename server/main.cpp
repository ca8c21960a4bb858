// hubbubd: flags → configuration → a hub that runs until it is told to stop.
#include <fmt/format.h>

#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "common/descriptor_limit.hpp"
#include "common/escape.hpp"
#include "common/log.hpp"
#include "common/random.hpp"
#include "server/descriptors.hpp"
#include "server/health.hpp"
#include "server/hub.hpp"
#include "server/lifecycle.hpp"
#include "server/log/sqlite/backup.hpp"
#include "server/log/sqlite/check.hpp"
#include "server/log/sqlite/data_directory.hpp"
#include "server/options.hpp"
#include "server/port_owner.hpp"

namespace {

using namespace hubbub;
using namespace hubbub::server;

/// As in sysexits.h.
enum ExitCode { done = 0, unhealthy = 1, usage = 64, unavailable = 69, cant_create = 73, bad_config = 78 };

int complain(ExitCode code, const std::string& sentence) {
  fmt::print(stderr, "hubbubd: {}\n", sentence);
  return code;
}

int refuse_config(const LoadedConfig& loaded) {
  for (const auto& mistake : loaded.mistakes) fmt::print(stderr, "hubbubd: {}\n", escape_for_terminal(str(mistake)));
  return bad_config;
}

int check_config(const LoadedConfig& loaded) {
  const auto file = loaded.file.empty() ? std::string("no file") : escape_for_terminal(loaded.file);
  fmt::print("the configuration is good ({})\n", file);
  return done;
}

int health(const std::string& url, const Config& config) {
  const auto address = url.empty() ? health_address(config) : Address::parse(url);
  if (!address) return complain(unhealthy, address.error().sentence);
  const auto hub = check_health(*address);
  if (!hub) return complain(unhealthy, hub.error().sentence);
  fmt::print("{} serves at {}\n", *hub, address->str());
  return done;
}

/// What the commands work on: where the hub of this configuration keeps what outlives it.
Result<std::string> data_of(const Config& config) {
  auto folder = data_directory(config);
  if (!folder) return tl::unexpected(folder.error());
  if (*folder) return **std::move(folder);
  return fail(Status::failed_precondition, "this hub keeps nothing (hub.data = none); name a directory with --data");
}

int back_up(const std::string& folder, const Options& options) {
  const auto copied = sqlite::back_up(folder, options.path, options.replace);
  if (!copied) return complain(unhealthy, copied.error().sentence);
  fmt::print("{} is a copy of {}\n", options.path, sqlite::database_in(folder));
  return done;
}

int restore(const std::string& folder, const Options& options) {
  const auto restored = sqlite::restore(options.path, folder, options.replace, random128<StoreIdTag>());
  if (!restored) return complain(unhealthy, restored.error().sentence);
  fmt::print("{} holds what {} held\n", folder, options.path);
  return done;
}

int check_data(const std::string& path) {
  const auto findings = sqlite::check_file(path).and_then([&] { return sqlite::check(path); });
  if (!findings) return complain(unhealthy, findings.error().sentence);
  for (const auto& finding : *findings) fmt::print("{}\n", escape_for_terminal(finding));
  if (findings->empty()) fmt::print("nothing is wrong with {}\n", path);
  return findings->empty() ? done : unhealthy;
}

int tend_data(const Options& options, const Config& config) {
  const auto folder = data_of(config);
  if (!folder) return complain(bad_config, folder.error().sentence);
  switch (options.action) {
    case Action::backup: return back_up(*folder, options);
    case Action::restore: return restore(*folder, options);
    default: return check_data(sqlite::database_in(*folder));
  }
}

/// Why the hub can't listen, and who is in the way.
int cannot_listen(const Config& config, const Error& error) {
  log::error("can't listen", {{"reason", error.sentence}});
  for (const auto& address : config.hub.listen)
    if (const auto owner = port_owner(address))
      log::error("somebody listens there already",
                 {{"address", address.str()}, {"program", owner->program}, {"pid", owner->pid}});
  return unavailable;
}

HubControls controls_of(Hub& hub) {
  return {.reload = [&hub](const Config& config) { hub.reload(config); },
          .stop = [&hub] { hub.stop(); },
          .stop_now = [&hub] { hub.stop_now(); },
          .summarize = [&hub](std::function<void(std::string)> then) { hub.summarize(std::move(then)); },
          .dump =
              [&hub] {
                hub.dump([](const Result<proto::HubDump::Reply>& dumped) {
                  if (!dumped) log::error("no dump", {{"reason", dumped.error().sentence}});
                });
              }};
}

int cannot_open(const Error& error) {
  log::error("can't open the data directory", {{"reason", error.sentence}});
  return cant_create;
}

int serve(const ConfigSources& sources, const LoadedConfig& loaded) {
  const Config& config = loaded.config;
  log::configure(config.log.level, config.log.format);
  block_signals(lifecycle_signals);
  log::write_in_background();
  warn_of_few_descriptors(config, raise_descriptor_limit());
  Hub hub(config);
  if (const auto opened = hub.open(); !opened) return cannot_open(opened.error());
  const auto addresses = hub.listen();
  if (!addresses) return cannot_listen(config, addresses.error());
  Lifecycle lifecycle(hub.loop(), sources, config, controls_of(hub), Notifier::from_environment());
  if (const auto started = lifecycle.start(); !started) return complain(unavailable, started.error().sentence);
  if (const auto told = lifecycle.announce(*addresses); !told) return complain(cant_create, told.error().sentence);
  log::info("serving", {{"version", HUBBUB_VERSION}, {"config", loaded.file}});
  hub.run();
  log::info("stopped");
  return done;
}

/// However it ended, what it said about it is written; a reader of the log that is stuck gets no more than this.
int serve_and_finish(const ConfigSources& sources, const LoadedConfig& loaded) {
  const int code = serve(sources, loaded);
  log::finish(std::chrono::seconds(1));
  return code;
}

int run(std::span<const std::string> arguments) {
  const auto options = parse_options(arguments);
  if (!options) return complain(usage, options.error().sentence + "\nTry hubbubd --help.");
  if (options->action == Action::print) {
    std::fwrite(options->text.data(), 1, options->text.size(), stdout);
    return done;
  }
  if (options->action == Action::health && !options->health_url.empty()) return health(options->health_url, {});
  const auto loaded = load_config(options->sources);
  if (!loaded.mistakes.empty()) return refuse_config(loaded);
  if (options->action == Action::check_config) return check_config(loaded);
  if (options->action == Action::health) return health({}, loaded.config);
  if (options->action == Action::check && !options->path.empty()) return check_data(options->path);
  if (options->action != Action::serve) return tend_data(*options, loaded.config);
  return serve_and_finish(options->sources, loaded);
}

}  // namespace

int main(int count, char** arguments) { return run(std::vector<std::string>(arguments + 1, arguments + count)); }
