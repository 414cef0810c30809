#!/usr/bin/env bash
# make check: format, invariants, lints, unit and router tests on fakes. No engine, no Neo4j, no browser.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
RUN=check
need jq jq
[ -e "$CACHE/env" ] || scripts/toolchain.sh
. "$CACHE/env"
. scripts/stages.sh
our_target

# rustfmt comes from rustup even where the compiler had to be Debian's.
check fmt env -u RUSTUP_TOOLCHAIN cargo fmt --all --check || true
check invariants scripts/invariants.sh || true
if check build build_all; then
  # Two tests are most of the time and run on one core each: the lints go beside them.
  lints &
  linting=$!
  for package in domain fakes ops adapters app server support; do rust_package "$package"; done
  rust_package tests --skip live_
  wait "$linting" || failed=$((failed + $?))
fi
summary
[ "$failed" = 0 ]
