// One process for a message: /bin/sh -c COMMAND, the body on its stdin, the rest in its environment.
#pragma once

#include <string>

#include "client/link/types.hpp"
#include "common/asio.hpp"
#include "proto/status.hpp"

namespace hubbub::cli {

/// Runs the command and waits for its end; the loop goes on meanwhile. `hub` becomes its HUBBUB_URL.
/// Returns how it ended as wait(2) has it. Fails with internal if it can't be started.
/// Cancelled: the process gets SIGTERM and isn't waited for.
asio::awaitable<Result<int>> run_for_message(asio::io_context& loop, const std::string& command, const std::string& hub,
                                             const link::Message& message);

}  // namespace hubbub::cli
