# How a run of checks is told: stages with their seconds, tests counted, what was slow. Sourced by check.sh and test.sh.
# shellcheck shell=bash disable=SC2034
OUT=$LOGS/${RUN:-test}
rm -rf "$OUT" && mkdir -p "$OUT"
STAGES=$OUT/stages
SLOW=$OUT/slow
BROKEN=$OUT/broken
: >"$STAGES" >"$SLOW" >"$BROKEN"
passed=0
failed=0

wanted() { [[ " ${SKIP:-} " != *" $1 "* ]]; }
since() { echo $(($(date +%s) - $1)); }

# told NAME FROM WORDS: the end of a stage, now and once more in the table.
told() {
  say "$1: $3 ($(since "$2") s)"
  printf '%5s s  %-12s %s\n' "$(since "$2")" "$1" "$3" >>"$STAGES"
}

# check NAME CMD…: a stage without tests of its own; its failure counts as one.
check() {
  local name=$1 from
  shift
  from=$(date +%s)
  if quiet "test-$name" "$@"; then
    told "$name" "$from" ok
  else
    told "$name" "$from" FAILED
    failed=$((failed + 1))
    return 1
  fi
}

# In the background, at the lowest priority; exits with the number of failures.
lints() {
  local bad=0
  renice -n 19 "$BASHPID" >/dev/null
  ! wanted clippy || check clippy cargo clippy --workspace --exclude frontend --all-targets -- -D warnings || bad=1
  ! wanted clippy-wasm || check clippy-wasm cargo clippy -p frontend --target wasm32-unknown-unknown -- -D warnings || bad=$((bad + 1))
  return $bad
}

count() { # NAME PASSED FAILED EXIT-CODE FROM
  passed=$((passed + $2))
  failed=$((failed + $3))
  # A runner that fails without a failed test did not compile, ran out of time, or crashed.
  if [ "$4" -ne 0 ] && [ "$3" -eq 0 ]; then failed=$((failed + 1)); fi
  told "$1" "$5" "$2 passed, $3 failed$([ "$4" = 0 ] || echo ", exit code $4")"
}

# ---- Rust: built once, run by hand, so that cargo's lock is free and each package can be told apart ----
# All of the workspace with one set of features: the console's own binary and every package's tests.
build_all() {
  cargo build --workspace --exclude frontend --all-targets --message-format=json-render-diagnostics >"$OUT/build.json" || return
  # Two of them are called `tests`: what the tests share is told apart as `support`.
  jq -r 'select(.reason == "compiler-artifact" and .profile.test and .executable != null)
      | (if .target.name == "tests" and .target.kind == ["lib"] then "support" else .target.name end) + " \(.executable) \(.manifest_path)"' \
    "$OUT/build.json" | sort -u >"$OUT/executables"
}

# run_rust NAME LIMIT EXECUTABLE DIRECTORY ARGS…: one package's tests; its log is $OUT/NAME.log. Run at once by `rust_package` or beside.
run_rust() {
  local name=$1 limit=$2 executable=$3 directory=$4
  shift 4
  # The stable test runner tells times, and each test's words as soon as it ended, only when asked to behave as an unstable one.
  (cd "$directory" && RUSTC_BOOTSTRAP=1 timeout "$limit" "$executable" -Z unstable-options --format json --report-time "$@" </dev/null) \
    >"$OUT/$name.log" 2>&1
}

# events LOG JQ…: what the runner told of single tests; other lines, as of a process that writes past it, are passed over.
events() {
  local log=$1
  shift
  jq -cR 'fromjson? | select(.type == "test")' "$log" | jq -r "$@"
}

# ended_rust NAME EXIT-CODE FROM: counts and tells what a log holds.
ended_rust() {
  local log=$OUT/$1.log
  if [ "$2" != 0 ]; then
    events "$log" 'select(.event == "failed") | "---- \(.name)", .stdout' | sed -n 1,400p >&2
    events "$log" -s '(map(select(.event == "started").name) - map(select(.event == "ok" or .event == "failed" or .event == "ignored").name))[] | "did not end: " + .' >&2
    grep -v '^{' "$log" | sed -n 1,40p >&2 || true
  fi
  events "$log" 'select(.exec_time) | "\(.exec_time) \(.name)"' >>"$SLOW"
  # The line after a panic's place is its reason.
  events "$log" 'select(.event == "failed") | .name, (.stdout // "" | scan("panicked at ([^\n]*)\n([^\n]*)") | "    at \(.[0]) \(.[1])")' >>"$BROKEN"
  count "$1" "$(events "$log" 'select(.event == "ok") | 1' | wc -l)" "$(events "$log" 'select(.event == "failed") | 1' | wc -l)" "$2" "$3"
}

rust_package() { # NAME ARGS…
  local name=$1 executable manifest from rc=0
  shift
  read -r _ executable manifest < <(grep "^$name " "$OUT/executables")
  from=$(date +%s)
  run_rust "$name" 900 "$executable" "${manifest%/*}" "$@" || rc=$?
  ended_rust "$name" "$rc" "$from"
}

# The last lines of a run.
summary() {
  echo
  echo "the slowest tests:"
  sort -rg "$SLOW" | sed -n 1,15p | while read -r seconds name; do printf '%7.1f s  %s\n' "$seconds" "$name"; done
  [ ! -s "$OUT/kill-points" ] || cat "$OUT/kill-points"
  # Last, because a report of a run may keep only its end.
  [ ! -s "$BROKEN" ] || { echo "what failed:"; sed -n 1,60p "$BROKEN"; }
  echo "stages:"
  cat "$STAGES"
  printf '%5s s  all\n' $(($(date +%s) - STEP_START))
  echo "$passed passed, $failed failed"
}
