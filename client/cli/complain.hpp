// What goes to stderr. Errors always; notes not with --quiet. Nothing that came from outside gets there unescaped.
#pragma once

#include <string_view>

#include "proto/status.hpp"

namespace hubbub::cli {

/// Writes "hubbub: SENTENCE".
void complain(std::string_view sentence);
/// The same with the error's sentence. Returns the exit code for its status.
int complain(const Error& error);
/// "hubbub: reading FILE: No such file or directory", by errno.
void complain_errno(std::string_view doing);

/// With --quiet, note() says nothing.
void set_quiet(bool quiet);
void note(std::string_view sentence);

}  // namespace hubbub::cli
