// Waiting for acknowledgements, as long as some come.
#pragma once

#include "client/cli/shell.hpp"

namespace hubbub::cli {

/// Waits until all that was published is acknowledged. Fails with the first refusal. When nothing was acknowledged for
/// the call timeout, says so and stops the shell with 124.
asio::awaitable<Result<void>> drain_with_progress(Shell& shell);

}  // namespace hubbub::cli
