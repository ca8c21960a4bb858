#include "client/cli/exit_codes.hpp"

#include <array>

namespace hubbub::cli {

namespace {

constexpr std::array rows = {
    ExitCodeRow{exit_code::done, "done"},
    ExitCodeRow{exit_code::nothing_found, "search found nothing"},
    ExitCodeRow{exit_code::usage, "the command line was wrong"},
    ExitCodeRow{exit_code::data, "the data was refused: too long, not UTF-8, no such room or person"},
    ExitCodeRow{exit_code::no_input, "an input file can't be read"},
    ExitCodeRow{exit_code::unavailable, "no hub there, or it doesn't offer this; nor this machine, what ipc measures"},
    ExitCodeRow{exit_code::software, "something failed that should not have"},
    ExitCodeRow{exit_code::input_output, "writing the output failed"},
    ExitCodeRow{exit_code::try_again, "the hub has too much to do, or a limit was reached; try again later"},
    ExitCodeRow{exit_code::denied, "denied, or the name belongs to somebody else"},
    ExitCodeRow{exit_code::deadline, "the time was up"},
    ExitCodeRow{exit_code::interrupted,
                "interrupted (Ctrl-C); 143 on SIGTERM, 141 where the reader of a pipe was gone"},
};

}  // namespace

std::span<const ExitCodeRow> exit_code_rows() { return rows; }

int exit_code_of(Status status) {
  switch (status) {
    case Status::ok: return exit_code::done;
    case Status::invalid_argument:
    case Status::not_found:
    case Status::failed_precondition:
    case Status::out_of_range: return exit_code::data;
    case Status::unavailable:
    case Status::unimplemented: return exit_code::unavailable;
    case Status::cancelled:
    case Status::aborted:
    case Status::resource_exhausted: return exit_code::try_again;
    case Status::already_exists:
    case Status::permission_denied:
    case Status::unauthenticated: return exit_code::denied;
    case Status::deadline_exceeded: return exit_code::deadline;
    case Status::unknown:
    case Status::internal:
    case Status::data_loss: return exit_code::software;
  }
  return exit_code::software;  // a status that a newer hub knows
}

}  // namespace hubbub::cli
