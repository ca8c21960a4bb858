// A call of a service from the shell.
//   words --> JSON --> Link --> answers --> stdout, as they are; refusals and the receipt --> stderr
#pragma once

#include <optional>
#include <string>

#include "client/cli/shell.hpp"

namespace hubbub::cli {

struct ServiceCallWish {
  MethodName method;
  std::string arguments;  ///< JSON
  bool all = false;
  proto::Once once = proto::Once::at_most;
  bool json = false;     ///< each answer as a line of JSON, with whose it is
  bool receipt = false;  ///< said on stderr
  std::optional<CallId> id = std::nullopt;
};

/// Returns the exit code: that of the status of the one that was asked; of several done, if one has answered.
asio::awaitable<int> call_service(Shell& shell, const ServiceCallWish& wish);

}  // namespace hubbub::cli
