#!/usr/bin/env bash
# What `cmake --install` gives to those who write clients is enough to build the examples, and they run.
#   installed_library.sh BUILD_FOLDER COMPILER
set -euo pipefail

build=$1
export CXX=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export XDG_STATE_HOME=$scratch

cmake --install "$build" --component library --prefix "$scratch/prefix" >/dev/null
cmake -S client/link/example -B "$scratch/build" -DCMAKE_PREFIX_PATH="$scratch/prefix" >/dev/null
cmake --build "$scratch/build" >/dev/null
cmake -S client/json/example -B "$scratch/json" -DCMAKE_PREFIX_PATH="$scratch/prefix" >/dev/null
cmake --build "$scratch/json" >/dev/null

said=$("$scratch/build/echo_bot" lobby "unix://$scratch/nobody.sock" 2>&1) && { echo "it found a hub: $said"; exit 1; }
asked=$(HUBBUB_URL="unix://$scratch/nobody.sock" "$scratch/json/sum_service" 1 41 2>&1) && { echo "it found a hub: $asked"; exit 1; }
[[ $asked == "sum_service: can't connect to unix://$scratch/nobody.sock"* ]] || { echo "it said: $asked"; exit 1; }
[[ $said == "echo_bot: can't connect to unix://$scratch/nobody.sock"* ]] || { echo "it said: $said"; exit 1; }
