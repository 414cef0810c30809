#!/usr/bin/env bash
# Makes sure that a Docker Engine answers: the one that is there, or Debian's, started by us.
#   engine.sh [start]   engine.sh stop (ends only an engine that this script started)
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

PID=$CACHE/dockerd.pid
LOG=$LOGS/dockerd.log

answers() {
  case ${DOCKER_HOST:-} in
    '') [ -S /var/run/docker.sock ] && [ "$(curl -s -m 5 --unix-socket /var/run/docker.sock http://docker/_ping)" = OK ] ;;
    unix://*) [ "$(curl -s -m 5 --unix-socket "${DOCKER_HOST#unix://}" http://docker/_ping)" = OK ] ;;
    *) find_docker ;;
  esac
}

need curl curl ca-certificates
if [ "${1:-start}" = stop ]; then
  if alive "$PID" dockerd; then end_by_pid "$PID" dockerd 150; say "Docker Engine stopped"; fi
  exit 0
fi

if ! answers; then
  [ -z "${DOCKER_HOST:-}" ] || die "nothing answers at DOCKER_HOST: start that engine, or unset the variable"
  is_debian_root || die "no Docker Engine answers at /var/run/docker.sock: install Docker Engine 20.10 or newer, start it, and let this user use it"
  # Not `need dockerd`: the client of Debian's package is wanted too.
  apt_install docker.io iptables
  if [ -d /run/systemd/system ]; then
    quiet engine-systemd systemctl start docker || die "systemctl start docker"
  elif ! answers; then
    # An engine that ended hard leaves this file, and the next one refuses to start.
    if ! alive /var/run/docker.pid dockerd; then rm -f /var/run/docker.pid; fi
    # 120 s: Neo4j must be able to stop cleanly when the engine does.
    setsid dockerd --shutdown-timeout 120 >"$LOG" 2>&1 </dev/null &
    echo $! >"$PID"
  fi
  for ((i = 0; i < 150; i++)); do
    answers && break
    sleep 0.2
  done
  answers || { tail -n 20 "$LOG" >&2; die "dockerd does not answer after 30 s"; }
fi
find_docker || { is_debian_root && apt_install docker.io; find_docker; } || die "the engine answers, but there is no docker client on PATH that can talk to it"
say "Docker Engine $("$DOCKER" version --format '{{.Server.Version}}, API {{.Server.APIVersion}}') answers"
