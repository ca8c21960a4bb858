#include "client/cli/host_name.hpp"

#include <unistd.h>

#include <array>

#include "common/escape.hpp"

namespace hubbub::cli {

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return escape_for_terminal(name.data());
}

}  // namespace hubbub::cli
