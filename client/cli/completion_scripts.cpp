#include "client/cli/completion_scripts.hpp"

namespace hubbub::cli {

namespace {

// Bash takes the line apart at = : and @ too, and wants only what comes after those.
constexpr std::string_view bash = R"(# bash completion of hubbub; made by: hubbub completion bash
_hubbub() {
  local line=${COMP_LINE:0:COMP_POINT} current=${COMP_WORDS[COMP_CWORD]} words word
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local last=${words[-1]}
  local cut=0
  [[ $current == [=:@] ]] && current=
  [[ $last == *"$current" ]] && cut=$((${#last} - ${#current}))
  COMPREPLY=()
  while IFS= read -r word; do
    if [[ $word == :files ]]; then
      compopt -o filenames
      mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current")
      continue
    fi
    if [[ $word == :programs ]]; then
      compopt -o filenames
      mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -c -- "$current" | sort -u)
      continue
    fi
    word=${word%%$'\t'*}
    [[ $word == *= ]] && compopt -o nospace
    COMPREPLY+=("${word:cut}")
  done < <("${words[0]}" completion words -- "${words[@]:1}" 2> /dev/null)
}
complete -F _hubbub hubbub
)";

constexpr std::string_view zsh = R"(#compdef hubbub
# zsh completion of hubbub; made by: hubbub completion zsh
_hubbub() {
  local line word
  local -a words_so_far candidates pairs
  words_so_far=("${(@)words[2,CURRENT]}")
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      _files
      continue
    fi
    if [[ $line == :programs ]]; then
      _command_names -e
      continue
    fi
    word=${line%%$'\t'*}
    if [[ $word == *= ]]; then
      candidates+=("$word")
    else
      pairs+=("${word//:/\\:}:${line#*$'\t'}")
    fi
  done < <("${words[1]}" completion words -- "${(@)words_so_far}" 2> /dev/null)
  (( ${#pairs} )) && _describe 'hubbub' pairs
  (( ${#candidates} )) && compadd -S '' -- "${(@)candidates}"
}
if [[ $funcstack[1] == _hubbub ]]; then
  _hubbub "$@"
else
  compdef _hubbub hubbub
fi
)";

constexpr std::string_view fish = R"(# fish completion of hubbub; made by: hubbub completion fish
function __hubbub_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (command $words[1] completion words -- $words[2..-1] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct)
        else if test "$line" = :programs
            __fish_complete_command
        else
            echo $line
        end
    end
end
complete -c hubbub -f -a '(__hubbub_complete)'
)";

}  // namespace

const std::string_view* script_of(std::string_view shell) {
  if (shell == "bash") return &bash;
  if (shell == "zsh") return &zsh;
  if (shell == "fish") return &fish;
  return nullptr;
}

}  // namespace hubbub::cli
