// hubbub: the words of the command line --> a command of the table --> exit code.
#include <fcntl.h>

#include "client/cli/run.hpp"

namespace {

/// Where a standard stream was closed, the next file that is opened would take its place. Only to be read: to write
/// there is the error that it would be on a closed one.
void fill_closed_standard_streams() {
  for (int fd = 0; fd <= 2; ++fd)
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", O_RDONLY);
}

}  // namespace

int main(int argc, char** argv) {
  fill_closed_standard_streams();
  return hubbub::cli::run({argv + 1, argv + argc});
}
