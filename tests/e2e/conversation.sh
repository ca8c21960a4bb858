#!/usr/bin/env bash
# A conversation between real processes, for where there is no terminal: alice and bob read #lobby and talk in it, a pipe
# publishes into it, and a shell command subscribes to it. Prints what was said, and exits 0 only if everybody saw the same
# messages in the same order.
#   conversation.sh FOLDER     where hubbubd and hubbub are
set -euo pipefail
set -m  # every background job in a process group of its own, so that the clean-up reaches all of its processes

bin=$(realpath "$1")
folder=$(mktemp -d)
hub=''

say() { echo "conversation: $*" >&2; }

clean_up() {
  local ended=$?
  trap - EXIT INT TERM HUP
  for job in $(jobs -p); do kill -- "-$job" 2>/dev/null || true; done
  wait || true
  if ((ended != 0)); then tail -v -n 20 "$folder"/*.log >&2 || true; fi
  rm -rf "$folder"
  exit "$ended"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

start_hub() {
  "$bin/hubbubd" --data "$folder/data" --listen tcp://127.0.0.1:0 --ready-file "$folder/ready" >/dev/null 2>"$folder/hub.log" &
  hub=$!
  until [[ -s $folder/ready ]]; do
    if kill -0 "$hub" 2>/dev/null; then sleep 0.05; else say "the hub did not start"; return 1; fi
  done
  url=$(head -n 1 "$folder/ready")
}

# as PERSON ARG…: hubbub for somebody with a home of their own, so that nothing is left in the one of whoever runs this.
as() {
  local person=$1
  shift
  mkdir -p "$folder/$person"
  env -u XDG_CONFIG_HOME -u XDG_STATE_HOME -u XDG_DATA_HOME -u HUBBUB_NAME HOME="$folder/$person" \
    timeout --foreground 60 "$bin/hubbub" "$1" --hub "$url" --name "$person" "${@:2}" 2>>"$folder/$person.log"
}

# What each of them says, a line a message.
alice_says() { printf '%s\n' 'Good morning, bob' 'The build is on its way, watch it' 'Naïve café: ☕ 漢字 👩‍🚀'; }
bob_says() { printf '%s\n' 'Good morning, alice' 'I see it in here' 'Green it is'; }
make_says() { printf '%s\n' 'compiling' 'linking' 'done'; }
messages=$( (alice_says; bob_says; make_says) | wc -l)

read_along() { as "$1" sub --from 1 -n "$messages" --for 40s --format '{seq} {from}: {body}' lobby >"$folder/$1.seen"; }
talk() { "$1_says" | while read -r line; do as "$1" say lobby "$line" </dev/null; done; }

start_hub
readers=() talkers=()
for person in alice bob watcher; do read_along "$person" & readers+=($!); done
for person in alice bob; do talk "$person" & talkers+=($!); done
make_says | as make pub lobby
for process in "${talkers[@]}"; do wait "$process" || { say "a message was refused"; exit 1; }; done
for process in "${readers[@]}"; do wait "$process" || { say "a reader did not see all $messages messages"; exit 1; }; done

cat "$folder/watcher.seen"
for person in alice bob; do
  diff -u "$folder/watcher.seen" "$folder/$person.seen" >&2 || { say "$person saw something else than the watcher"; exit 1; }
done
diff -u <( (alice_says; bob_says; make_says) | sort) <(sed 's/^[^:]*: //' "$folder/watcher.seen" | sort) >&2 ||
  { say "what was seen is not what was said"; exit 1; }

kill -TERM "$hub"
wait "$hub" || { say "the hub ended with $? instead of 0"; exit 1; }
say "all three saw the same $messages messages in the same order, and the hub has stopped cleanly"
