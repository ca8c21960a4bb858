// Waiting for acknowledgements, as long as some come.
#pragma once

#include <functional>

#include "client/cli/shell.hpp"

namespace hubbub::cli {

/// Waits until all that was published by `link` is acknowledged. Fails with the first refusal. Calls `stuck` when
/// nothing was acknowledged for `patience`; it has to see to it that the wait ends.
asio::awaitable<Result<void>> drain_with_progress(asio::io_context& loop, link::Link& link,
                                                  std::chrono::milliseconds patience, std::function<void()> stuck);
/// The same of the shell's link, for the call timeout.
asio::awaitable<Result<void>> drain_with_progress(Shell& shell, std::function<void()> stuck);
/// Says that it is stuck, and stops the shell with 124.
void stop_stuck(Shell& shell);

}  // namespace hubbub::cli
