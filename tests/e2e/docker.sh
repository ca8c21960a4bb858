#!/usr/bin/env bash
# The images and the compose file, built and run by the engine that is here: the hub gets healthy as an ordinary user, what
# the two talkers say is seen, a terminal can be attached, and the hub stops cleanly as process 1.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

project=hubbub-test-$$
export HUBBUB_IMAGE=$project

skip() { echo "$*"; exit 77; }
fail() { echo "failed: $*" >&2; exit 1; }
compose() { "${compose_command[@]}" --project-name "$project" --file docker/compose.yaml "$@"; }

find_engine() {
  docker info >/dev/null 2>&1 || skip "no Docker engine answers"
  if docker compose version >/dev/null 2>&1; then
    compose_command=(docker compose)
  elif command -v docker-compose >/dev/null; then
    compose_command=(docker-compose)
  else
    skip "Docker is here, but neither docker compose nor docker-compose"
  fi
  docker image inspect debian:bookworm-slim >/dev/null 2>&1 || docker pull -q debian:bookworm-slim >/dev/null 2>&1 ||
    skip "the base image debian:bookworm-slim is not here and can't be pulled"
}

clean_up() {
  local ended=$?
  if ((ended != 0)); then compose logs --tail 20 >&2 || true; fi
  compose down --timeout 1 --volumes --remove-orphans >/dev/null 2>&1 || true
  docker image rm "$project/hub" "$project/client" >/dev/null 2>&1 || true
  exit "$ended"
}

# until_true SECONDS COMMAND…
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    if ((SECONDS < end)); then sleep 0.2; else return 1; fi
  done
}

of_hub() { docker inspect --format "$1" "$hub"; }
is_healthy() { [[ $(of_hub '{{.State.Health.Status}}') == healthy ]]; }
megabytes() { echo $(($(docker image inspect --format '{{.Size}}' "$1") / 1000000)); }

find_engine
trap clean_up EXIT
compose build
compose up --detach
hub=$(compose ps -q hub)

echo "the hub is healthy, process 1, and not root"
until_true 60 is_healthy || fail "the hub did not get healthy: $(of_hub '{{json .State.Health}}')"
[[ $(docker exec "$hub" cat /proc/1/comm) == hubbubd ]] || fail "process 1 is not hubbubd"
[[ $(docker exec "$hub" id -u) == 10001 ]] || fail "the hub runs as another user than its own"

echo "what the talkers say is seen"
seen=$(compose run --rm -T client sub -n 6 --for 40s --format '{from}: {body}' lobby </dev/null) || fail "no six messages: $seen"
grep -q 'alice: Bob, it is' <<<"$seen" || fail "alice was not heard: $seen"
grep -q 'bob: Alice, my load is' <<<"$seen" || fail "bob was not heard: $seen"

echo "the hub image is small"
added=$(($(megabytes "$project/hub") - $(megabytes debian:bookworm-slim)))
((added < 30)) || fail "the hub image adds $added MB to its base"

echo "the hub stops when asked"
begin=$SECONDS
docker stop --time 20 "$hub" >/dev/null
((SECONDS - begin < 10)) || fail "stopping took $((SECONDS - begin)) s"
[[ $(of_hub '{{.State.ExitCode}}') == 0 ]] || fail "the hub ended with $(of_hub '{{.State.ExitCode}}')"
