#!/usr/bin/env bash
# make test: sets up everything and runs all checks and tests on the real parts. Ends with "N passed, N failed".
#   NEO4J_VERSIONS="5.26.5 5.15.0 2026.05.0"  images to have ready
#   E2E_PROFILE=dev|quick           how the console of the browser tests is built
#   STAGES="fmt invariants …"       only these
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

export NEO4J_VERSIONS=${NEO4J_VERSIONS:-5.26.5 5.15.0 2026.05.0} CARGO_TERM_COLOR=never
E2E_PROFILE=${E2E_PROFILE:-dev}
STAGES=${STAGES:-fmt invariants clippy clippy-wasm build rust browser}
OUT=$LOGS/test
rm -rf "$OUT" && mkdir -p "$OUT"
passed=0
failed=0

# The console of the browser tests has a site folder of its own: a console that runs keeps its files.
SITE=target/site-test
case $E2E_PROFILE in
  dev) build=() BINARY=$ROOT/target/debug/neo4j-admin-console ;;
  quick)
    build=(--release) BINARY=$ROOT/target/release/neo4j-admin-console
    export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
    ;;
  *) die "E2E_PROFILE is dev or quick" ;;
esac
# Baked into leptos: the same for cargo and cargo-leptos, or each would build it anew after the other.
export LEPTOS_OUTPUT_NAME=console

browser_tests_exist() { [ -e end2end/package.json ] || ls end2end/*.spec.ts >/dev/null 2>&1; }
since() { echo $(($(date +%s) - $1)); }

# An engine that this run had to start ends with it on CI, so that nothing holds the run open.
finish() {
  local rc=$?
  trap - EXIT
  [ -z "${set_up:-}" ] || kill "$set_up" 2>/dev/null || true
  if [ "${CI:-}" = true ] && [ "${our_engine:-no}" = yes ]; then scripts/engine.sh stop || true; fi
  # The closing line comes also when the set-up broke off: that is one failure.
  [ -n "${told:-}" ] || echo "$passed passed, $((failed + 1)) failed"
  exit "$rc"
}
trap finish EXIT

# ---- set-up: images and browser arrive beside the first compiler stages ----
scripts/toolchain.sh
. "$CACHE/env"
need jq jq
alive "$CACHE/dockerd.pid" dockerd || our_engine=yes
scripts/engine.sh
need_docker
export DOCKER
prepare() {
  # shellcheck disable=SC2086  # a list of versions
  scripts/neo4j-image.sh $NEO4J_VERSIONS
  scripts/s3-store.sh
  scripts/smtp-sink.sh
  # What a person decrypts a copy with (tests/live_encryption.rs).
  need age age
  # A socket proxy, a disk of a few megabytes and a second engine's network (tests/live_bad_days.rs).
  need haproxy haproxy
  need mkfs.ext4 e2fsprogs
  need ip iproute2
  # File systems that can clone (tests/live_short_outage.rs).
  need mkfs.xfs xfsprogs
  need mkfs.btrfs btrfs-progs
  browser_tests_exist || return 0
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
  [ -z "$set_up" ] || wait "$set_up" || die "the set-up failed"
  set_up=
}

# ---- stages ----
wanted() { [[ " $STAGES " == *" $1 "* ]]; }
# check NAME CMD…: a stage without tests of its own; its failure counts as one.
check() {
  local name=$1 from
  shift
  wanted "$name" || return 0
  from=$(date +%s)
  if quiet "test/$name" "$@"; then
    say "$name: ok ($(since "$from") s)"
  else
    say "$name: FAILED ($(since "$from") s)"
    failed=$((failed + 1))
    return 1
  fi
}
count() { # NAME PASSED FAILED EXIT-CODE FROM
  passed=$((passed + $2))
  failed=$((failed + $3))
  # A runner that fails without a failed test did not compile, or crashed.
  if [ "$4" -ne 0 ] && [ "$3" -eq 0 ]; then failed=$((failed + 1)); fi
  say "$1: $2 passed, $3 failed, exit code $4 ($(since "$5") s)"
}

# The slow tests that a log tells of without an end.
unfinished() {
  sed -n 's/^test \(.*\) has been running for over 60 seconds$/\1/p' "$1" | while read -r name; do
    grep -qE "^test $name \.\.\. (ok|FAILED)" "$1" || echo "did not end: $name"
  done
}

rust_tests() {
  local from rc=0 pid log=$OUT/rust.log
  wanted rust || return 0
  from=$(date +%s)
  # The live tests drive the console's own binary; in the dev profile the build stage has left it there.
  [ "$built" = dev ] || quiet test/rust-binary cargo build -p server || { count rust 0 0 1 "$from"; return 0; }
  quiet test/rust-compile cargo test --workspace --exclude frontend --no-run || { count rust 0 0 1 "$from"; return 0; }
  say "rust: compiled ($(since "$from") s)"
  prepared
  # Live tests wait most of the time, many of them for their turn with a server; those that wait must not hold up the others.
  RUST_TEST_THREADS=${RUST_TEST_THREADS:-16} timeout "${RUST_TIMEOUT:-3300}" cargo test --workspace --exclude frontend --no-fail-fast </dev/null >"$log" 2>&1 &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    [ $(($(since "$from") % 60)) -ne 0 ] || say "  … rust: $(grep -c '^test .* ok$' "$log" || true) tests passed so far"
  done
  wait "$pid" || rc=$?
  [ "$rc" = 0 ] || sed -n '/^failures:$/,/^test result/p; /^error/,$p' "$log" | head -n 400 >&2
  # Out of time: the reasons of failures were never printed, so at least the names, and which test did not end.
  [ "$rc" != 124 ] || { grep ' \.\.\. FAILED$' "$log"; unfinished "$log"; } >&2
  count rust "$(awk '/^test result:/ { n += $4 } END { print n + 0 }' "$log")" \
    "$(awk '/^test result:/ { n += $6 } END { print n + 0 }' "$log")" "$rc" "$from"
}

browser_tests() {
  local from rc=0 json=$OUT/playwright.json
  wanted browser || return 0
  if ! browser_tests_exist; then
    say "browser: end2end holds no tests yet"
    return 0
  fi
  prepared
  from=$(date +%s)
  # The tests start the console themselves. No CONSOLE_ name here: the console refuses those it does not know.
  (
    cd end2end
    export E2E_BINARY=$BINARY LEPTOS_SITE_ROOT=$ROOT/$SITE PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
    export PLAYWRIGHT_JSON_OUTPUT_NAME=$json PLAYWRIGHT_JSON_OUTPUT_FILE=$json
    timeout "${BROWSER_TIMEOUT:-1800}" npx playwright test --reporter=list,json </dev/null
  ) || rc=$?
  if [ -s "$json" ]; then
    count browser "$(jq '.stats.expected + .stats.flaky' "$json")" "$(jq .stats.unexpected "$json")" "$rc" "$from"
  else
    count browser 0 0 1 "$from"
  fi
}

# rustfmt comes from rustup even where the compiler had to be Debian's.
check fmt env -u RUSTUP_TOOLCHAIN cargo fmt --all --check || true
check invariants scripts/invariants.sh || true
check clippy cargo clippy --workspace --exclude frontend --all-targets -- -D warnings || true
check clippy-wasm cargo clippy -p frontend --target wasm32-unknown-unknown -- -D warnings || true
built=
scripts/style.sh
if check build env LEPTOS_SITE_ROOT=$SITE cargo leptos build "${build[@]}"; then built=$E2E_PROFILE; fi
wanted build || built=
rust_tests
if [ -n "$built" ] || ! wanted build; then browser_tests; fi
prepared

told=yes
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
