#!/usr/bin/env bash
# What `./dev install` installs, and when it waits: with a dpkg-query, an apt-get and a sleep of our own.
#   dev_install.sh DEV
set -euo pipefail

dev=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export FOLDER=$folder PATH=$folder:$PATH

# command_named NAME: a program of that name, made of stdin
command_named() { { echo '#!/usr/bin/env bash'; cat; } >"$folder/$1"; chmod +x "$folder/$1"; }
wrong() { echo "$*"; cat "$folder/said" "$folder/asked"; exit 1; }
install() {
  : >"$folder/asked"
  "$dev" install "$@" >"$folder/said" 2>&1
}

command_named sudo <<'TXT'
exec "$@"
TXT
command_named sleep <<'TXT'
echo "sleep $1" >>"$FOLDER/asked"
TXT
# Knows every package; those in `states` have another state than installed.
command_named dpkg-query <<'TXT'
while [[ $1 != -f ]]; do shift; done
format=$2
shift 2
for package in "$@"; do
  state=$(sed -n "s/^$package //p" "$FOLDER/states")
  row=${format/'${db:Status-Abbrev}'/"${state:-ii} "}
  printf '%b' "${row/'${Package}'/"$package"}"
done
TXT

# ── only what is installed is there ──

command_named apt-get <<'TXT'
echo "apt-get $*" >>"$FOLDER/asked"
TXT
: >"$folder/states"
install build || wrong "it failed"
[[ ! -s $folder/asked ]] || wrong "everything is there, and yet it asked for something"
printf '%s\n' 'cmake un' 'ccache rc' 'mold hi' >"$folder/states"
install build || wrong "it failed"
grep -q ' cmake ccache$' "$folder/asked" || wrong "asked for something else than what is not installed"

# ── somebody else's lock of the package lists ──

# The lists are too old. Their lock is somebody else's for as many tries as `locked` says.
command_named apt-get <<'TXT'
echo "apt-get $*" >>"$FOLDER/asked"
locked=$(<"$FOLDER/locked")
case " $* " in
  *' install '*) [[ -e $FOLDER/updated ]] ;;
  *' update '*)
    if ((locked)); then
      echo $((locked - 1)) >"$FOLDER/locked"
      echo 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (apt-get)'
      exit 100
    fi
    touch "$FOLDER/updated" ;;
esac
TXT

echo 3 >"$folder/locked"
install build || wrong "it didn't wait until the lock was free"
(($(grep -c '^sleep 5$' "$folder/asked") == 3)) || wrong "it waited once for each time that the lock was taken"
(($(grep -c waiting "$folder/said") == 1)) || wrong "it says once that it waits"

echo 1000 >"$folder/locked"
rm "$folder/updated"
if install build; then wrong "it installed without the lists"; fi
(($(grep -c '^sleep 5$' "$folder/asked") == 24)) || wrong "it waits for about two minutes"
grep -q 'lists/lock' "$folder/said" || wrong "it says what stood in the way"
