#include "client/cli/globals.hpp"

namespace hubbub::cli {

std::chrono::milliseconds Globals::connect_timeout() const { return timeout.value_or(std::chrono::seconds(5)); }
std::chrono::milliseconds Globals::call_timeout() const { return timeout.value_or(std::chrono::seconds(10)); }

namespace {

Take store_timeout(std::optional<std::chrono::milliseconds>& timeout) {
  return [&timeout, take = store(timeout)](std::string_view word) -> Result<void> {
    auto taken = take(word);
    if (taken && timeout->count() == 0) return fail(Status::invalid_argument, "a timeout of 0 is over at once");
    return taken;
  };
}

}  // namespace

void declare_globals(Syntax& syntax, Globals& globals) {
  syntax.option({"--hub", "URL", "where the hub is: tcp://host[:port] or unix:///path", store(globals.hub)});
  syntax.option({"--name", "NAME", "who to be: a-z 0-9 _ -", store(globals.name), Hint::person});
  syntax.option({"--timeout", "DURATION", "how long the hub may take to answer (5s to connect, then 10s)",
                 store_timeout(globals.timeout)});
  syntax.option({"--no-agent", "", "straight to the hub, also where an agent runs", store(globals.no_agent)});
  syntax.option({"-q,--quiet", "", "no notes on stderr, only errors", store(globals.quiet)});
  syntax.option({"--no-color", "", "no colours, as with NO_COLOR set", store(globals.no_color)});
  syntax.option({"-h,--help", "", "this help", store(globals.help)});
  syntax.option({"--version", "", "the version", store(globals.version)});
}

}  // namespace hubbub::cli
