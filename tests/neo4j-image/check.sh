#!/usr/bin/env bash
# Proves that the local image of a Neo4j version keeps the contract the console relies on; says times and memory.
#   check.sh [VERSION…]      default 5.26.5
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
need_docker

docker_rm() { "$DOCKER" rm -fv "$1" >/dev/null 2>&1 || true; }
tidy() {
  docker_rm "neo4j-check-$$"
  "$DOCKER" volume rm "neo4j-check-$$" >/dev/null 2>&1 || true
}
trap tidy EXIT
# Body of a GET on the HTTP port, asked inside the container: the discovery document.
discovery() { "$DOCKER" exec "$1" wget -q -T 5 -O - --header 'Accept: application/json' http://localhost:7474/; }
cypher() { # CONTAINER STATEMENT [USER:PASSWORD]
  "$DOCKER" exec "$1" wget -q -T 30 -O - --header 'Content-Type: application/json' \
    ${3:+--header "Authorization: Basic $(printf %s "$3" | base64)"} \
    --post-data "{\"statements\":[{\"statement\":\"$2\"}]}" http://localhost:7474/db/neo4j/tx/commit
}
wait_ready() { # CONTAINER: seconds it took
  local from
  from=$(date +%s)
  until discovery "$1" >/dev/null 2>&1; do
    [ "$("$DOCKER" inspect -f '{{.State.Running}}' "$1")" = true ] || { "$DOCKER" logs "$1" >&2; die "$1 ended"; }
    [ $(($(date +%s) - from)) -lt 180 ] || die "$1 is not ready after 180 s"
    sleep 0.5
  done
}
expect() { # WHAT TEXT PATTERN
  grep -q -- "$3" <<<"$2" || die "$1: expected $3, got: $2"
  say "  $1"
}

check() { # VERSION
  local version=$1 image=neo4j:$1-community name=neo4j-check-$$ out started
  say "$image"
  "$DOCKER" volume create "$name" >/dev/null
  started=$(date +%s)
  "$DOCKER" run -d --name "$name" -v "$name:/data" -e NEO4J_AUTH=neo4j/first-password \
    -e NEO4J_server_memory_heap_max__size=512m -e NEO4J_db_tx__log_rotation_retention__policy='1 days' \
    -e NEO4J_apoc_export_file_enabled=true -e 'NEO4J_PLUGINS=["apoc"]' "$image" >/dev/null
  wait_ready "$name"
  say "  ready after $(($(date +%s) - started)) s, $("$DOCKER" stats --no-stream --format '{{.MemUsage}}' "$name")"
  expect "discovery document names version and edition" "$(discovery "$name")" "\"neo4j_version\" *: *\"$version\""
  expect "the first password signs in" "$(cypher "$name" 'CREATE (n:Kept) RETURN 1' neo4j:first-password)" '"errors":\[\]'
  expect "NEO4J_* became a setting" "$(cypher "$name" "SHOW SETTINGS 'db.tx_log.rotation.retention_policy'" neo4j:first-password)" '1 days'
  if [ -n "$("$DOCKER" run --rm --network none --entrypoint sh "$image" -c 'ls labs')" ]; then
    expect "APOC answers" "$(cypher "$name" 'RETURN apoc.version()' neo4j:first-password)" "\"$version\""
    expect "apoc.* went to apoc.conf" "$("$DOCKER" exec "$name" cat conf/apoc.conf)" '^apoc.export.file.enabled=true$'
  fi
  expect "java runs as uid 7474" "$("$DOCKER" exec "$name" ps -o uid= -C java)" 7474
  "$DOCKER" stop -t 120 "$name" >/dev/null
  expect "docker stop ends with exit code 0" "$("$DOCKER" inspect -f '{{.State.ExitCode}}' "$name")" '^0$'

  started=$(date +%s)
  out=$("$DOCKER" run --rm --network none --user 7474:7474 --entrypoint neo4j-admin -v "$name:/data" "$image" \
    database dump neo4j --to-path=/data 2>&1) || die "dump: $out"
  expect "a helper as 7474:7474 dumps the stopped volume ($(($(date +%s) - started)) s)" "$out" 'Dump completed successfully'
  docker_rm "$name"

  # The host name: Docker writes none to /etc/hosts without a network, and Neo4j 5.26 ends (exit code 3)
  # when its logging cannot resolve the name of its own host.
  "$DOCKER" run -d --name "$name" --network none --hostname localhost -v "$name:/data" -e NEO4J_AUTH=none \
    -e NEO4J_server_memory_heap_max__size=512m "$image" >/dev/null
  wait_ready "$name"
  expect "without network and sign-in the data is there" "$(cypher "$name" 'MATCH (n:Kept) RETURN count(n)')" '"row":\[1\]'
  tidy

  out=$("$DOCKER" run --rm --network none -e NEO4J_PASSWORD=x "$image" 2>&1) && die "an unknown setting was accepted"
  expect "an unknown setting stops the start" "$out" 'No declared setting with name: PASSWORD'
  out=$("$DOCKER" run --rm --network none -e NEO4J_AUTH=neo4j/short "$image" 2>&1) && die "a short password was accepted"
  expect "a short first password stops the start" "$out" 'at least 8 characters'
  out=$("$DOCKER" run --rm --network none "$image" neo4j-admin server memory-recommendation --memory=8g 2>&1) || die "$out"
  expect "another command runs in place of neo4j" "$out" 'server.memory.heap.max_size=3600m'
}

for version in "${@:-5.26.5}"; do check "$version"; done
