#include "client/cli/ring_source.hpp"

#include <utility>

#include "client/cli/complain.hpp"

namespace hubbub::cli {

namespace {

/// What the Link tells of the agent, the ring tells too; but the Link has to be read, and its end is the end.
asio::awaitable<std::optional<int>> watch_link(Shell& shell) {
  while (true) {
    const auto event = co_await shell.link.next();
    if (const auto* closed = std::get_if<link::Closed>(&event)) co_return shell.complain(closed->why);
  }
}

}  // namespace

RingSource::RingSource(Shell& shell, link::RingSubscription::Options options)
    : shell_(shell), ring_(shell.link, std::move(options)) {}

asio::awaitable<std::optional<int>> RingSource::open() {
  const auto opened = co_await ring_.open(shell_.globals.call_timeout());
  if (!opened) co_return shell_.complain(opened.error());
  spawn_beside(shell_, watch_link(shell_));
  co_return std::nullopt;
}

Receiver::Source RingSource::source() {
  return {[this] { return ring_.next(); }, [this] { return ring_.try_next(); }};
}

void heal_silently(link::Options& options) {
  if (options.instead) options.instead->chosen = nullptr;
}

int complain_no_agent(const Shell& shell) {
  const auto why = shell.globals.no_agent
                       ? "--ring reads what an agent has received, and --no-agent forgoes it"
                       : "no agent runs for " + shell.hub.str() + " under this name; hubbub agent start starts one";
  return shell.complain({Status::unavailable, why});
}

}  // namespace hubbub::cli
