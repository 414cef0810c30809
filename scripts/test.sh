#!/usr/bin/env bash
# make test: sets up everything and runs all checks and tests on the real parts. Ends with "N passed, N failed".
#   NEO4J_VERSIONS="5.26.5 5.15.0"  images to have ready (the tests may ask for more by themselves)
#   E2E_PROFILE=dev|quick           how the console of the browser tests is built
#   STAGES="fmt invariants …"       only these
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

export NEO4J_VERSIONS=${NEO4J_VERSIONS:-5.26.5} CARGO_TERM_COLOR=never
E2E_PROFILE=${E2E_PROFILE:-dev}
STAGES=${STAGES:-fmt invariants clippy clippy-wasm rust build browser}
OUT=$LOGS/test
rm -rf "$OUT" && mkdir -p "$OUT"
passed=0
failed=0
have_browser_tests() { [ -e end2end/package.json ] || ls end2end/*.spec.ts >/dev/null 2>&1; }

# An engine that this run had to start ends with it on CI, so that nothing holds the run open.
finish() {
  local rc=$?
  trap - EXIT
  [ -z "${SET_UP:-}" ] || kill "$SET_UP" 2>/dev/null || true
  if [ "${CI:-}" = true ] && [ "${started_engine:-0}" = 1 ]; then scripts/engine.sh stop || true; fi
  exit $rc
}
trap finish EXIT

# ---- set-up: the slow downloads beside the first compiler stages ----
scripts/toolchain.sh
. "$CACHE/env"
if alive "$CACHE/dockerd.pid" dockerd; then started_engine=0; else started_engine=1; fi
scripts/engine.sh
need_docker
export DOCKER
# Baked into leptos: the same for cargo and cargo-leptos, or each would build it anew after the other.
export LEPTOS_OUTPUT_NAME=console
(
  # shellcheck disable=SC2086  # a list of versions
  scripts/neo4j-image.sh $NEO4J_VERSIONS
  if have_browser_tests; then
    command -v chromium >/dev/null || apt_install chromium fonts-dejavu-core
    cd end2end
    if [ -n "$(find package-lock.json -newer node_modules/.package-lock.json 2>&1)" ]; then
      PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 quiet npm-ci npm ci --no-audit --no-fund || die "npm ci in end2end"
      say "end2end: packages installed"
    fi
  fi
) &
SET_UP=$!
wait_set_up() {
  [ -n "$SET_UP" ] || return 0
  wait "$SET_UP" || die "the set-up failed"
  SET_UP=
}

# ---- stages ----
wanted() { [[ " $STAGES " == *" $1 "* ]]; }
# check NAME CMD…: a stage without tests of its own; its failure counts as one.
check() {
  local name=$1 from
  shift
  wanted "$name" || return 0
  from=$(date +%s)
  if quiet "test/$name" "$@"; then say "$name: ok ($(($(date +%s) - from)) s)"
  else say "$name: FAILED ($(($(date +%s) - from)) s)"; failed=$((failed + 1)); return 1; fi
}
# count NAME PASSED FAILED RC SECONDS
count() {
  passed=$((passed + $2)) failed=$((failed + $3))
  # A runner that fails without a failed test did not compile, or crashed.
  if [ "$4" -ne 0 ] && [ "$3" -eq 0 ]; then failed=$((failed + 1)); fi
  say "$1: $2 passed, $3 failed ($5 s)"
}

rust_tests() {
  local from rc=0 log=$OUT/rust.log
  wanted rust || return 0
  wait_set_up
  from=$(date +%s)
  quiet test/rust-build cargo test --workspace --exclude frontend --no-run || { count rust 0 0 1 $(($(date +%s) - from)); return 0; }
  say "rust: tests compiled ($(($(date +%s) - from)) s)"
  cargo test --workspace --exclude frontend --no-fail-fast </dev/null >"$log" 2>&1 &
  local pid=$!
  while kill -0 $pid 2>/dev/null; do
    sleep 1
    [ $((($(date +%s) - from) % 60)) -ne 0 ] || say "  … rust: $(grep -c '^test .* ok$' "$log" || true) tests done"
  done
  wait $pid || rc=$?
  [ "$rc" = 0 ] || sed -n '/^failures:$/,/^test result/p; /^error/,$p' "$log" | head -n 400 >&2
  count rust \
    "$(awk '/^test result:/ { n += $4 } END { print n + 0 }' "$log")" \
    "$(awk '/^test result:/ { n += $6 } END { print n + 0 }' "$log")" "$rc" $(($(date +%s) - from))
}

# The console of the browser tests has a site folder of its own: a console that runs keeps its files.
SITE=target/site-test
case $E2E_PROFILE in
  dev) build=() CONSOLE_BINARY=$ROOT/target/debug/neo4j-admin-console ;;
  quick) build=(--release) CONSOLE_BINARY=$ROOT/target/release/neo4j-admin-console
    export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
    ;;
  *) die "E2E_PROFILE is dev or quick" ;;
esac

browser_tests() {
  local from rc=0 json=$OUT/playwright.json
  wanted browser || return 0
  if ! have_browser_tests; then say "browser: end2end has no tests yet"; return 0; fi
  wait_set_up
  from=$(date +%s)
  # The tests start the console themselves, from CONSOLE_BINARY and LEPTOS_SITE_ROOT.
  (
    cd end2end
    export CONSOLE_BINARY LEPTOS_SITE_ROOT="$ROOT/$SITE" LEPTOS_HASH_FILES=true PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
    export PLAYWRIGHT_JSON_OUTPUT_NAME="$json" PLAYWRIGHT_JSON_OUTPUT_FILE="$json"
    npx playwright test --reporter=list,json </dev/null
  ) || rc=$?
  if [ -s "$json" ]; then
    count browser "$(jq '.stats.expected + .stats.flaky' "$json")" "$(jq .stats.unexpected "$json")" "$rc" $(($(date +%s) - from))
  else count browser 0 0 1 $(($(date +%s) - from)); fi
}

need jq jq
# rustfmt comes from rustup even where the compiler had to be Debian's.
check fmt env -u RUSTUP_TOOLCHAIN cargo fmt --all --check || true
check invariants scripts/invariants.sh || true
check clippy cargo clippy --workspace --exclude frontend --all-targets -- -D warnings || true
check clippy-wasm cargo clippy -p frontend --target wasm32-unknown-unknown -- -D warnings || true
rust_tests
if check build env LEPTOS_SITE_ROOT=$SITE cargo leptos build "${build[@]}"; then browser_tests; fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
