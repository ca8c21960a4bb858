#include "client/tui/tui.hpp"

#include <cstdio>

#include "client/tui/app/app.hpp"

namespace hubbub::tui {

int run_terminal_client(const Options& options) {
  auto terminal = Terminal::open(options.colour);
  if (!terminal) {
    std::fprintf(stderr, "hubbub: %s\n", terminal.error().sentence.c_str());
    return 69;
  }
  App app(options, *std::move(terminal));
  return app.run();
}

}  // namespace hubbub::tui
