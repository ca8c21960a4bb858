// The scripts that make a shell ask `hubbub completion words -- WORD…` for what could come next.
// It answers lines of WORD, a tab and an explanation; a line ":files" asks for names of files, ":programs" for
// those of programs.
#pragma once

#include <string_view>

namespace hubbub::cli {

/// Of bash, zsh or fish; nothing for another.
const std::string_view* script_of(std::string_view shell);

}  // namespace hubbub::cli
