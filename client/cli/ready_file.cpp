#include "client/cli/ready_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "client/cli/complain.hpp"
#include "common/descriptor.hpp"

namespace hubbub::cli {

bool tell_ready(const std::optional<std::string>& file) {
  if (!file) return true;
  // O_NONBLOCK: a FIFO that nobody reads is an error and no reason to stop.
  const Descriptor opened(::open(file->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666));
  const bool written = opened.is_open() && ::write(opened.get(), "ready\n", 6) == 6;
  if (!written) complain_errno("writing " + *file);
  return written;
}

}  // namespace hubbub::cli
