#!/bin/bash
# bin/neo4j and bin/neo4j-admin are this file under two names: the jars' own commands on the image's class path.
set -eu
case $(basename "$0") in
  neo4j) main=org.neo4j.server.startup.Neo4jCommand ;;
  neo4j-admin) main=org.neo4j.server.startup.Neo4jAdminCommand ;;
esac
export NEO4J_HOME=${NEO4J_HOME:-/var/lib/neo4j}
export NEO4J_CONF=${NEO4J_CONF:-$NEO4J_HOME/conf}
cd "$NEO4J_HOME"
# shellcheck disable=SC2086  # JAVA_OPTS is a list of options
exec java ${HEAP_SIZE:+-Xms$HEAP_SIZE -Xmx$HEAP_SIZE} ${JAVA_OPTS:--XX:+UseParallelGC} \
  -cp "$NEO4J_HOME/plugins/*:$NEO4J_CONF/*:$NEO4J_HOME/lib/*" \
  -Dapp.name="$(basename "$0")" -Dapp.home="$NEO4J_HOME" -Dbasedir="$NEO4J_HOME" "$main" "$@"
