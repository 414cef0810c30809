#!/usr/bin/env bash
# A real Neo4j to look at with the console: container neo4j-demo, its own volumes, published on loopback only.
#   demo.sh start   the container, ready for queries      demo.sh fill   the sample graph, once
#   demo.sh stop    a clean stop; the data stays          demo.sh password
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

NAME=neo4j-demo
IMAGE=neo4j:${DEMO_VERSION:-5.26.5}-community
PASSWORD_FILE=$CACHE/demo-password
# Counted by fill to see whether its work is done: people, companies, products, orders.
PEOPLE=2000 COMPANIES=200 PRODUCTS=500 ORDERS=4000

password() {
  [ -s "$PASSWORD_FILE" ] || (umask 077 && head -c 18 /dev/urandom | base64 | tr '+/' '-_' >"$PASSWORD_FILE")
  cat "$PASSWORD_FILE"
}

# cypher STATEMENT: its answer as JSON, asked inside the container.
cypher() {
  local answer
  answer=$("$DOCKER" exec "$NAME" wget -q -T 120 -O - --header 'Content-Type: application/json' \
    --header "Authorization: Basic $(printf 'neo4j:%s' "$(password)" | base64 -w0)" \
    --post-data "$(jq -n --arg s "$1" '{statements: [{statement: $s}]}')" http://localhost:7474/db/neo4j/tx/commit) || return 1
  [ "$(jq '.errors | length' <<<"$answer")" = 0 ] || { jq -r '.errors[].message' <<<"$answer" >&2; return 1; }
  echo "$answer"
}

wait_ready() {
  local i
  for ((i = 0; i < 240; i++)); do
    "$DOCKER" exec "$NAME" wget -q -T 5 -O /dev/null http://localhost:7474/ 2>/dev/null && return 0
    [ "$("$DOCKER" inspect -f '{{.State.Running}}' "$NAME")" = true ] || { "$DOCKER" logs --tail 20 "$NAME" >&2; die "$NAME ended"; }
    sleep 0.5
  done
  die "$NAME is not ready after 120 s: docker logs $NAME"
}

start() {
  if [ "$("$DOCKER" inspect -f '{{.State.Running}}' "$NAME" 2>/dev/null)" = true ]; then say "$NAME runs"
  elif "$DOCKER" inspect "$NAME" >/dev/null 2>&1; then "$DOCKER" start "$NAME" >/dev/null
  else
    # NEO4J_AUTH counts at the first start only; the volumes may be older than this container.
    NEO4J_AUTH=neo4j/$(password) "$DOCKER" run -d --name "$NAME" --restart unless-stopped --stop-timeout 120 \
      -v neo4j-demo-data:/data -v neo4j-demo-logs:/logs \
      -p 127.0.0.1:17474:7474 -p 127.0.0.1:17687:7687 \
      -e NEO4J_AUTH -e 'NEO4J_PLUGINS=["apoc"]' \
      -e NEO4J_server_memory_heap_initial__size=512m -e NEO4J_server_memory_heap_max__size=512m \
      -e NEO4J_server_memory_pagecache_size=128m \
      "$IMAGE" >/dev/null
  fi
  wait_ready
  say "$NAME answers: http://127.0.0.1:17474, bolt://127.0.0.1:17687, user neo4j, password $(password)"
}

fill() {
  local count
  count=$(cypher 'MATCH (n) RETURN count(n)' | jq '.results[0].data[0].row[0]') || die "no answer to the demo's password: volumes of another installation? docker volume rm neo4j-demo-data"
  if [ "$count" -ge $((PEOPLE + COMPANIES + PRODUCTS + ORDERS)) ]; then say "the sample graph is there ($count nodes)"; return 0; fi
  local statement
  # All by MERGE on a constrained id: a run that was cut short is simply run again.
  for statement in \
    'CREATE CONSTRAINT person_id IF NOT EXISTS FOR (p:Person) REQUIRE p.id IS UNIQUE' \
    'CREATE CONSTRAINT company_id IF NOT EXISTS FOR (c:Company) REQUIRE c.id IS UNIQUE' \
    'CREATE CONSTRAINT product_sku IF NOT EXISTS FOR (p:Product) REQUIRE p.sku IS UNIQUE' \
    'CREATE CONSTRAINT order_id IF NOT EXISTS FOR (o:Order) REQUIRE o.id IS UNIQUE' \
    'CREATE INDEX person_name IF NOT EXISTS FOR (p:Person) ON (p.name)' \
    'CREATE INDEX order_placed IF NOT EXISTS FOR (o:Order) ON (o.placed)' \
    'CREATE FULLTEXT INDEX product_text IF NOT EXISTS FOR (p:Product) ON EACH [p.name, p.about]' \
    'CALL db.awaitIndexes(60)' \
    "WITH ['Harbour','Northern','Blue','Alder','Stone','River','Copper','Field','Lark','Summit'] AS a, ['Foods','Tools','Paper','Books','Energy','Optics','Textiles','Freight'] AS b, ['Lisbon','Lyon','Kyoto','Austin','Pune','Oslo','Nairobi','Lima'] AS t
     UNWIND range(1, $COMPANIES) AS i MERGE (c:Company {id: i}) SET c.name = a[i % 10] + ' ' + b[i % 8] + ' ' + toString(i), c.city = t[i % 8], c.founded = 1950 + i % 70" \
    "WITH ['Ana','Ben','Chen','Dina','Emil','Fatou','Goran','Hana','Ivo','June','Kofi','Lena','Mei','Nils','Olga','Priya'] AS f, ['Silva','Novak','Okafor','Larsen','Tanaka','Moreau','Iyer','Weber','Costa','Brandt'] AS l
     UNWIND range(1, $PEOPLE) AS i MERGE (p:Person {id: i}) SET p.name = f[i % 16] + ' ' + l[(i / 16) % 10], p.email = 'person' + toString(i) + '@example.org', p.born = date({year: 1950 + i % 55, month: 1 + i % 12, day: 1 + i % 28})" \
    "WITH ['Lamp','Chair','Notebook','Kettle','Jacket','Drill','Lens','Crate','Map','Rope'] AS n, ['oak','steel','linen','glass','cork'] AS m
     UNWIND range(1, $PRODUCTS) AS i MERGE (p:Product {sku: 'P' + right('0000' + toString(i), 4)}) SET p.name = m[i % 5] + ' ' + n[i % 10], p.about = 'A ' + toLower(n[i % 10]) + ' of ' + m[i % 5] + ', number ' + toString(i), p.price = 5.0 + (i * 37) % 400
     WITH p, i MATCH (c:Company {id: 1 + i % $COMPANIES}) MERGE (c)-[:MAKES]->(p)" \
    "UNWIND range(1, $PEOPLE) AS i MATCH (p:Person {id: i}), (c:Company {id: 1 + (i * 7) % $COMPANIES}) MERGE (p)-[w:WORKS_AT]->(c) SET w.since = 2000 + i % 25
     WITH p, i MATCH (q:Person {id: 1 + (i * 31) % $PEOPLE}) WHERE q <> p MERGE (p)-[:KNOWS]->(q)" \
    "UNWIND range(1, $ORDERS) AS i MERGE (o:Order {id: i}) SET o.placed = datetime({year: 2024, month: 1, day: 1}) + duration({hours: i * 4}), o.state = ['new','paid','sent','delivered','returned'][i % 5]
     WITH o, i MATCH (p:Person {id: 1 + (i * 13) % $PEOPLE}) MERGE (p)-[:PLACED]->(o)
     WITH o, i UNWIND range(1, 1 + i % 3) AS k MATCH (g:Product {sku: 'P' + right('0000' + toString(1 + (i * 17 + k * 101) % $PRODUCTS), 4)}) MERGE (o)-[x:CONTAINS]->(g) SET x.amount = 1 + (i + k) % 4"; do
    cypher "$statement" >/dev/null || die "the sample graph: $statement"
  done
  say "the sample graph is filled: $(cypher 'MATCH (n) WITH count(n) AS n MATCH ()-[r]->() RETURN n, count(r)' | jq -r '.results[0].data[0].row | "\(.[0]) nodes, \(.[1]) relationships"')"
}

need jq jq
case ${1:-start} in
  password) password; exit 0 ;;
  stop)
    find_docker || exit 0
    if [ "$("$DOCKER" inspect -f '{{.State.Running}}' "$NAME" 2>/dev/null)" = true ]; then
      "$DOCKER" stop -t 120 "$NAME" >/dev/null
      say "$NAME stopped, exit code $("$DOCKER" inspect -f '{{.State.ExitCode}}' "$NAME"); its data stays in the volume neo4j-demo-data"
    fi
    ;;
  start) need_docker; start ;;
  fill) need_docker; fill ;;
  *) die "demo.sh start|fill|stop|password" ;;
esac
