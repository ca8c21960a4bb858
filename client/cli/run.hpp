// From the words of the command line to the exit code.
//   hubbub [global options] COMMAND [words]     no command: the terminal client, or help where there is no terminal
#pragma once

#include <string>
#include <vector>

namespace hubbub::cli {

int run(std::vector<std::string> words);

}  // namespace hubbub::cli
