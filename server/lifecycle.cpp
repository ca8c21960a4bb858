#include "server/lifecycle.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "common/descriptor_limit.hpp"
#include "common/log.hpp"
#include "server/config_settings.hpp"
#include "server/descriptors.hpp"

namespace hubbub::server {

namespace {

void log_mistakes(const std::vector<Mistake>& mistakes) {
  for (const auto& mistake : mistakes)
    log::error("a mistake in the configuration; the one from before stays in force",
               {{"where", mistake.where}, {"key", mistake.key}, {"mistake", mistake.sentence}});
}

/// Gives every setting that needs a restart the value that is in force, and says so.
void keep_what_needs_a_restart(const Config& running, Config& wanted) {
  for (const auto* const setting : changed_settings(running, wanted)) {
    const auto now = toml_value(*setting, running), then = toml_value(*setting, wanted);
    if (setting->reload == Reload::live)
      log::info("setting changed", {{"key", setting->key}, {"from", now}, {"to", then}});
    else
      log::warn("this setting changes only when the hub is started again",
                {{"key", setting->key}, {"in_force", now}, {"configured", then}});
  }
  wanted.hub = running.hub;
  wanted.search = running.search;
}

}  // namespace

Lifecycle::Lifecycle(asio::io_context& loop, ConfigSources sources, Config running, HubControls hub, Notifier notifier)
    : sources_(std::move(sources)),
      running_(std::move(running)),
      hub_(std::move(hub)),
      notifier_(std::move(notifier)),
      loop_(loop),
      watchdog_(loop) {}

Result<void> Lifecycle::start() {
  if (const auto interval = watchdog_interval()) keep_watchdog_quiet(*interval);
  return signals_.start(loop_, lifecycle_signals, [this](const Signal& signal) { on_signal(signal); });
}

Result<void> Lifecycle::announce(const std::vector<Address>& addresses) {
  if (!running_.hub.ready_file.empty())
    if (auto written = ready_file_.write(running_.hub.ready_file, addresses); !written) return written;
  for (const auto& address : addresses) fmt::print("hubbubd " HUBBUB_VERSION " listening on {}\n", address.str());
  std::fflush(stdout);
  notifier_.ready();
  return {};
}

void Lifecycle::on_signal(const Signal& signal) {
  switch (signal.number) {
    case SIGHUP: return reload(signal);
    case SIGUSR1: return summarize();
    case SIGUSR2: return hub_.dump();
    default: return stop(signal);
  }
}

void Lifecycle::stop(const Signal& signal) {
  const auto which = signal_name(signal.number);
  const log::Field name("signal", which), sender("from_pid", signal.sender_pid);
  if (++stops_ == 1) {
    log::info("stopping; a second signal stops at once", {name, sender, {"drain_ms", running_.liveness.drain_ms}});
    notifier_.stopping();
    hub_.stop();
  } else if (stops_ == 2) {
    log::warn("stopping at once", {name, sender});
    hub_.stop_now();
  }
}

void Lifecycle::reload(const Signal& signal) {
  log::info("reading the configuration again", {{"from_pid", signal.sender_pid}});
  notifier_.reloading();
  auto loaded = load_config(sources_);
  if (loaded.mistakes.empty())
    apply(std::move(loaded.config));
  else
    log_mistakes(loaded.mistakes);
  notifier_.ready();
}

void Lifecycle::apply(Config wanted) {
  keep_what_needs_a_restart(running_, wanted);
  running_ = std::move(wanted);
  log::configure(running_.log.level, running_.log.format);
  warn_of_few_descriptors(running_, raise_descriptor_limit());
  hub_.reload(running_);
}

void Lifecycle::summarize() {
  hub_.summarize([](const std::string& summary) { log::answer("summary", {{"hub", summary}}); });
}

/// A loop that hangs lets the service manager's watchdog bite.
void Lifecycle::keep_watchdog_quiet(std::chrono::microseconds interval) {
  notifier_.watchdog();
  watchdog_.expires_after(interval);
  watchdog_.async_wait([this, interval](std::error_code error) {
    if (!error) keep_watchdog_quiet(interval);
  });
}

}  // namespace hubbub::server
