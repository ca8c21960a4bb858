// hubbub: the words of the command line --> a command of the table --> exit code.
#include "client/cli/run.hpp"

int main(int argc, char** argv) { return hubbub::cli::run({argv + 1, argv + argc}); }
