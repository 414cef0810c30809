#!/bin/bash
# Runs the server and the commands the console uses once each, and writes the classes they loaded to one archive, which the JVM maps
# at the next start.
set -eu
CLASSES=/opt/neo4j-classes
LISTS=/tmp/class-lists
CLASS_PATH="$NEO4J_HOME/conf/*:$NEO4J_HOME/lib/*"
mkdir $CLASSES && install -d -o neo4j -g neo4j $LISTS /tmp/dumps
cp -a conf /conf.before
export NEO4J_AUTH=none NEO4J_server_memory_heap_max__size=512m NEO4J_internal_server_bolt_thread__pool__shutdown__wait__time=0s
export JAVA_TOOL_OPTIONS="-XX:TieredStopAtLevel=1 -Xshare:off -XX:DumpLoadedClassList=$LISTS/%p"

admin() { gosu neo4j neo4j-admin "$@" >/tmp/admin.log 2>&1 || { echo "neo4j-admin $*"; tail -n 50 /tmp/admin.log; exit 1; }; }
cypher() { # DATABASE STATEMENT
  wget -q -T 30 -O /dev/null --header 'Content-Type: application/json' --post-data "{\"statements\":[{\"statement\":\"$2\"}]}" "http://localhost:7474/db/$1/tx/commit"
}
admin dbms set-initial-password recorded-once
/startup/docker-entrypoint.sh neo4j >/tmp/server.log 2>&1 &
server=$!
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
admin database dump '*' --to-path=/tmp/dumps
admin database load '*' --from-path=/tmp/dumps --overwrite-destination=true
admin database info --from-path=/data/databases
admin database check neo4j
admin server validate-config

# One list of all runs: numbers and sources of classes count in one run only, and no line may be longer than 4,095 characters.
unset JAVA_TOOL_OPTIONS
cat $LISTS/* | grep -v -e '^#' -e ' source: ' | sed -e 's/ id: [0-9]*$//' | awk 'length < 4096' | sort -u >/tmp/classes
java -Xshare:dump -XX:SharedClassListFile=/tmp/classes -XX:SharedArchiveFile=$CLASSES/all.jsa -cp "$CLASS_PATH" >/tmp/archive.log 2>&1 \
  || { tail -n 20 /tmp/archive.log; exit 1; }
if grep -m 3 'Signed JAR' /tmp/archive.log; then exit 1; fi
# An archive that does not fit is passed over without a word, so it is asked for here.
java -Xshare:on -XX:SharedArchiveFile=$CLASSES/all.jsa -XX:+UseG1GC -cp "$CLASS_PATH" -version
rm -rf conf /tmp/* /data/* /logs/*
mv /conf.before conf
