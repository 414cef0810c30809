# What all scripts share: one line said a step, quiet commands, packages. Sourced, never run.
# shellcheck shell=bash disable=SC2034
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Tools, logs and jars live outside the checkout, so that a fresh clone finds them again.
CACHE=${NEO4J_CONSOLE_CACHE:-$HOME/.cache/neo4j-admin-console}
LOGS=$CACHE/log
mkdir -p "$LOGS"
# One for all checkouts: a fresh clone does not compile 580 dependencies again.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target} CARGO_TERM_COLOR=never

STEP_START=${STEP_START:-$(date +%s)}
export STEP_START

say() { printf '[%4ds] %s\n' $(($(date +%s) - STEP_START)) "$*"; }
die() { printf '[%4ds] FAILED: %s\n' $(($(date +%s) - STEP_START)) "$*" >&2; exit 1; }

# quiet NAME CMD…: the output goes to a log and is shown only when the command fails.
# A command that takes long says so every minute.
quiet() {
  local name=$1 started pid rc=0 log took next_word=60
  shift
  log=$LOGS/$name.log
  started=$(date +%s)
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    took=$(($(date +%s) - started))
    if [ "$took" -ge "$next_word" ]; then say "  … $name: still at it ($took s, log in $log)"; next_word=$((next_word + 60)); fi
  done
  wait "$pid" || rc=$?
  if [ "$rc" -ne 0 ]; then
    echo "--- the last lines of $log" >&2
    tail -n 40 "$log" >&2
  fi
  return "$rc"
}

# Before each build. Cargo tells our own crates of two checkouts apart by nothing but the time of their files: what the other one
# compiled must look old.
our_target() {
  mkdir -p "$CARGO_TARGET_DIR"
  [ "$(cat "$CARGO_TARGET_DIR/checkout" 2>/dev/null)" != "$ROOT" ] || return 0
  (cd "$ROOT" && find domain ports fakes ops adapters islands app server frontend tests -type f -exec touch -c {} +)
  echo "$ROOT" >"$CARGO_TARGET_DIR/checkout"
}

is_debian_root() { [ "$(id -u)" = 0 ] && [ -x /usr/bin/apt-get ]; }

# Installs the Debian packages that are missing; elsewhere names them and stops.
apt_install() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  is_debian_root || die "please install (Debian names): ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  quiet apt-update apt-get -o DPkg::Lock::Timeout=600 update -qq || die "apt-get update"
  quiet apt-install apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "${missing[@]}" \
    || die "apt-get install ${missing[*]}"
  say "installed: ${missing[*]}"
}

# need COMMAND PACKAGE…: installs the packages only where the command is missing.
need() {
  local command=$1
  shift
  command -v "$command" >/dev/null 2>&1 || apt_install "$@"
}

# Sets DOCKER to the first docker client on PATH that an engine answers; false when there is none.
# A `docker` command alone proves nothing: there may be no engine, or it may be something else of that name.
find_docker() {
  local candidate
  for candidate in $(type -aP docker | awk '!seen[$0]++'); do
    if timeout 10 "$candidate" version --format '{{.Server.APIVersion}}' 2>/dev/null | grep -Eq '^1\.[0-9]+$'; then
      DOCKER=$candidate
      return 0
    fi
  done
  return 1
}

need_docker() { find_docker || die "no Docker Engine answers; run scripts/engine.sh first"; }

# True when the process of a pid file lives and has the given name.
alive() { # PIDFILE NAME
  local pid
  pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "${2:0:15}" ]
}

# Ends the process of a pid file, if it is the one we think it is, and waits for it.
end_by_pid() { # PIDFILE NAME SECONDS
  local pid i
  if alive "$1" "$2"; then
    pid=$(cat "$1")
    kill "$pid"
    for ((i = 0; i < $3 * 5; i++)); do
      alive "$1" "$2" || break
      sleep 0.2
    done
    alive "$1" "$2" && die "$2 (pid $pid) did not end within $3 s"
  fi
  rm -f "$1"
}
