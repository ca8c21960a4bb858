#!/usr/bin/env bash
# The table of settings in docs/operations.md is what the hub prints. Usage: settings_table.sh HUBBUBD DOCUMENT
set -euo pipefail
hubbubd=$1 document=$2
if ! diff -u <(sed -n '/^<!-- settings:/,/^<!-- end of settings/p' "$document" | sed '1d;$d') \
             <("$hubbubd" --print-settings markdown); then
  echo "the table in $document is not what hubbubd --print-settings markdown prints: put that in its place" >&2
  exit 1
fi
