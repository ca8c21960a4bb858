#!/usr/bin/env bash
# Each promise in docs/guarantees.md names tests that are there. Usage: guarantees.sh SOURCES
# In the last column of its first table stand `Suite.Test`, `Suite.*` for all of a suite in one folder, and rows of the bench.
set -euof pipefail  # -f: Suite.* is no file's name
cd "$1"
document=docs/guarantees.md wrong=0
complain() {
  echo "$document: $1" >&2
  wrong=1
}

# Prints the folders with tests of that suite and, if it is given, of that name.
folders_of() {
  grep -rlzE --include='*.cpp' "TEST(_[FP])?\($1,\s+${2-\w+}\)" tests/ | xargs -r dirname | sort -u
}

check() {
  case $1 in
    *.\*) (($(folders_of "${1%.*}" | wc -l) == 1)) || complain "$1 is not one suite" ;;
    [A-Z]*.*) [[ -n $(folders_of "${1%.*}" "${1#*.}") ]] || complain "there is no test $1" ;;
    *) grep -qr --include='*.cpp' "\.id = \"$1\"" tests/bench || complain "$1 is neither a test nor a row of the bench" ;;
  esac
}

tests=$(awk -F '|' '/^## / { exit } /^\| \*\*/ { print $4 }' "$document")
[[ -n $tests ]] || complain "its table of promises is not where it was"
while read -r row; do
  names=$(grep -oE "\`[^\`]+\`" <<<"$row" | tr -d "\`" | grep -v ' ') || complain "a promise without a test: $row"
  for name in $names; do check "$name"; done
done <<<"$tests"
exit $wrong
