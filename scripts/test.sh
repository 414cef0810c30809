#!/usr/bin/env bash
# make test: sets up everything and runs all checks and tests on the real parts. Ends with "N passed, N failed".
#   ONLY=backups         no lints, and of the tests those whose name or spec file has this word
#   KILL_POINTS=all      kill the console at every point of every kind of job, not at a rotating part of them (make test-all)
#   SKIP="clippy …"      leave stages out: fmt invariants clippy clippy-wasm rust browser
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

ONLY=${ONLY:-}
SKIP=${SKIP:-}
[ -z "$ONLY" ] || SKIP="$SKIP fmt invariants clippy clippy-wasm"
BINARY=$CARGO_TARGET_DIR/debug/neo4j-admin-console
# A site folder of the tests' own: a console that runs keeps its files.
SITE=$CARGO_TARGET_DIR/site-of-tests
. scripts/stages.sh

# An engine that this run had to start ends with it on CI, so that nothing holds the run open.
finish() {
  local rc=$?
  trap - EXIT
  for child in ${set_up:-} ${linting:-} ${testing:-}; do kill "$child" 2>/dev/null || true; done
  if [ "${CI:-}" = true ] && [ "${our_engine:-no}" = yes ]; then scripts/engine.sh stop || true; fi
  # The closing line comes also when the set-up broke off: that is one failure.
  [ -n "${closed:-}" ] || echo "$passed passed, $((failed + 1)) failed"
  exit "$rc"
}
trap finish EXIT

# ---- set-up: the images and the browser arrive beside the compiler ----
from=$(date +%s)
scripts/toolchain.sh
. "$CACHE/env"
need jq jq
alive "$CACHE/dockerd.pid" dockerd || our_engine=yes
scripts/engine.sh
need_docker
export DOCKER
prepare() {
  # What a person decrypts a copy with (age); a socket proxy (haproxy), a disk of a few megabytes (ext4) and a second engine's network
  # (ip); file systems that can clone (xfs, btrfs).
  apt_install age haproxy e2fsprogs iproute2 xfsprogs btrfs-progs
  scripts/s3-store.sh
  scripts/smtp-sink.sh
  FAST=1 scripts/neo4j-image.sh 5.26.5 5.15.0 2026.05.0
  command -v chromium >/dev/null || apt_install chromium fonts-dejavu-core
  cd end2end
  # npm writes that file last: older than the lock, or absent, means an incomplete or outdated installation.
  if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 quiet npm-ci npm ci --no-audit --no-fund || die "npm ci in end2end"
    say "end2end: packages installed"
  fi
}
prepare &
set_up=$!
prepared() {
  local from=$(date +%s)
  [ -n "$set_up" ] || return 0
  wait "$set_up" || die "the set-up failed"
  set_up=
  told "waited" "$from" "for images and browser"
}
told set-up "$from" "tools and engine"

# Live tests of single parts. Most have no server; many at once are more than an engine on two cores answers within its time limits.
PARTS='^live_(adapters|contract|notifications|year)::'

# live NAME THREADS TESTS…: of the package `tests`, those with exactly these names.
live() {
  local name=$1 threads=$2 executable manifest from rc=0
  shift 2
  [ $# -gt 0 ] || return 0
  read -r _ executable manifest < <(grep '^tests ' "$OUT/executables")
  from=$(date +%s)
  RUST_TEST_THREADS=$threads run_rust "$name" 3000 "$executable" "${manifest%/*}" --exact "$@" &
  testing=$!
  while kill -0 "$testing" 2>/dev/null; do
    sleep 1
    [ $(($(since "$from") % 60)) -ne 0 ] || say "  … $name: $(grep -c '"event": "ok"' "$OUT/$name.log" || true) passed so far"
  done
  wait "$testing" || rc=$?
  testing=
  ended_rust "$name" "$rc" "$from"
}

# First what computes, with the lints beside it; then the live tests alone: a server that has to share two cores with a compiler starts
# in minutes instead of seconds, and what waits for it gives up.
rust_tests() {
  local executable all
  for package in domain fakes ops adapters app server support; do rust_package "$package" $ONLY; done
  rust_package tests $ONLY --skip live_
  read -r _ executable _ < <(grep '^tests ' "$OUT/executables")
  all=$("$executable" --list --format terse | sed -n 's/^\(live_.*\): test$/\1/p' | grep -F -- "$ONLY") || true
  live live-parts 4 $(grep -E "$PARTS" <<<"$all")
  wait_for_lints
  export KILL_LOG=$OUT/kill-points
  # All at once: most wait for their turn with a server, and must not hold up those of another one.
  live live "${RUST_TEST_THREADS:-64}" $(grep -vE "$PARTS" <<<"$all")
}

browser_tests() {
  local from rc=0 json=$OUT/playwright.json
  if [ -n "$ONLY" ] && ! ls end2end/*"$ONLY"*.spec.ts >/dev/null 2>&1; then
    say "browser: no story is about $ONLY"
    return 0
  fi
  from=$(date +%s)
  # The tests start the console themselves. No CONSOLE_ name here: the console refuses those it does not know.
  (
    cd end2end
    export E2E_BINARY=$BINARY LEPTOS_SITE_ROOT=$SITE PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
    export PLAYWRIGHT_JSON_OUTPUT_NAME=$json PLAYWRIGHT_JSON_OUTPUT_FILE=$json
    timeout 1800 npx playwright test $ONLY --reporter=list,json </dev/null
  ) || rc=$?
  if [ ! -s "$json" ]; then count browser 0 0 1 "$from"; return 0; fi
  jq -r '[.. | objects | select(has("specs")) | .specs[]] | .[] | . as $s | .tests[].results[] | "\(.duration / 1000) browser: \($s.file) \($s.title)"' "$json" >>"$SLOW"
  jq -r '[.. | objects | select(has("specs")) | .specs[]] | .[] | . as $s | .tests[].results[] | select(.status != "passed")
    | "browser: \($s.file) \($s.title)", (.errors[] | "    at line \(.location.line // "?"): " + (.message | gsub("\u001b\\[[0-9;]*m"; "") | .[0:600]
    | gsub("\n+"; "\n    ")))' "$json" >>"$BROKEN"
  count browser "$(jq '.stats.expected' "$json")" "$(jq '.stats.unexpected + .stats.flaky + .stats.skipped' "$json")" "$rc" "$from"
}

our_target
# rustfmt comes from rustup even where the compiler had to be Debian's.
! wanted fmt || check fmt env -u RUSTUP_TOOLCHAIN cargo fmt --all --check || true
! wanted invariants || check invariants scripts/invariants.sh || true
built=no
if check build build_all && { ! wanted browser || check site scripts/site.sh dev "$SITE"; }; then built=yes; fi
prepared
linted=$(mktemp)
{ rc=0; lints || rc=$?; echo "$rc" >"$linted"; } &
linting=$!
# bash forgets how a child ended once another process was given its number, which a long run does.
wait_for_lints() { wait "$linting" 2>/dev/null || true; }
if [ $built = yes ]; then
  ! wanted rust || rust_tests
  ! wanted browser || browser_tests
fi
wait_for_lints
linting=
linted_bad=$(cat "$linted")
rm -f "$linted"
failed=$((failed + ${linted_bad:-1}))

closed=yes
[ $((passed + failed)) -gt 0 ] || { echo "no test was run"; failed=1; }
summary
[ "$failed" = 0 ]
