#!/usr/bin/env bash
# make stop: ends by their pids what make run started; every volume and .run/data stay.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

if alive .run/console.pid neo4j-admin-console; then
  end_by_pid .run/console.pid neo4j-admin-console 60
  say "the console stopped"
fi
scripts/demo.sh stop
scripts/engine.sh stop
say "stopped; data is kept in .run/data and the volumes neo4j-demo-data and neo4j-demo-logs"
