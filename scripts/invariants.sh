#!/usr/bin/env bash
# The rules of ARCHITECTURE.md that a machine can check. Each offence is one sentence naming the offender.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
[ ! -e "$CACHE/env" ] || . "$CACHE/env"
cd "$ROOT"

offences=0
checks=0
offends() { echo "  $*"; offences=$((offences + 1)); }

# code PATH…: the Rust lines of a tree as FILE:LINE:TEXT, without comments, test folders and what follows #[cfg(test)].
code() {
  find "$@" -name '*.rs' ! -name 'testing.rs' ! -name 'tests.rs' -print0 2>/dev/null | sort -z |
    xargs -0 -r awk 'FNR == 1 { test = 0 } /#\[cfg\(test\)\]/ { test = 1 } !test { sub(/(^|[ \t])\/\/.*/, ""); print FILENAME ":" FNR ":" $0 }'
}
# only WHERE WHAT PATTERN PATH…: the pattern may occur in files under WHERE (a regular expression) and nowhere else.
only() {
  local where=$1 what=$2 pattern=$3 hit
  shift 3
  checks=$((checks + 1))
  while read -r hit; do
    [ -z "$hit" ] || offends "${hit%%:*} line $(cut -d: -f2 <<<"$hit") $what"
  done < <(code "$@" | grep -E "^[^:]*:[0-9]+:.*($pattern)" | grep -Ev "^($where)" || true)
}
# tree_lacks WHAT CRATES CARGO-TREE-ARGUMENTS…
tree_lacks() {
  local what=$1 crates=$2 tree hit
  shift 2
  checks=$((checks + 1))
  tree=$(cargo tree --offline -e normal --prefix none --format '{p}' "$@" 2>"$LOGS/tree.log") ||
    tree=$(cargo tree -e normal --prefix none --format '{p}' "$@" 2>"$LOGS/tree.log") || { offends "cargo tree $* fails: $(tail -n 1 "$LOGS/tree.log")"; return 0; }
  while read -r hit; do
    [ -z "$hit" ] || offends "$what $hit"
  done < <(grep -Eo "^($crates)(-[a-z]+)* v[0-9][^ ]*" <<<"$tree" | sort -u || true)
}

tree_lacks "domain must know neither async nor storage, but its tree has" 'tokio|sqlx' -p domain
tree_lacks "ops must know neither web nor drivers, but depends on" 'leptos|axum|bollard|neo4rs' -p ops --depth 1
tree_lacks "adapters and fakes must know the ports only, but depend on" 'ops|leptos|axum|sqlx' -p adapters -p fakes --depth 1
tree_lacks "the browser's bundle must carry no server code, but its tree has" 'tokio|axum|sqlx|bollard|neo4rs|argon2|app|domain|leptos_router|leptos_meta' \
  -p frontend --target wasm32-unknown-unknown

only '$^' 'names bollard or neo4rs, which only adapters may' '\b(bollard|neo4rs)(::|\b *;)' domain ops islands app server frontend
only '(ops/src/store|server/examples)/' 'contains SQL, which only ops/src/store may' 'sqlx::query|query_as\(|query_scalar\(' domain ports ops adapters islands app server frontend
only '$^' 'asks for a feature: app is built for the server only, and an island draws the same there and in the browser' \
  'cfg(_attr)?\(.*feature *= *"(ssr|hydrate)"' app/src islands/src
only 'adapters/src/system_clock\.rs' 'reads the clock, which only adapters/src/system_clock.rs may' \
  '(Utc|Local|SystemTime|Instant|OffsetDateTime)::now' domain/src ports/src ops/src adapters/src islands/src app/src server/src
only 'app/src/components/text_area\.rs' 'writes a bare <textarea> or inner_html, which only app/src/components/text_area.rs may (leptos 0.8 does not escape them)' \
  '<textarea|inner_html' app/src islands/src
only '$^' 'has a style attribute, which the content security policy forbids: use a class' '[[:space:]]style(=|:[a-z-]+=)' app/src islands/src

# The layers of ops, from the bottom: each knows those before it only. Tests and fakes may know all.
layers=(error crypto store actor timeouts engine console jobs use_cases background)
for ((i = 0; i < ${#layers[@]}; i++)); do
  above=$(IFS="|"; echo "${layers[*]:i+1}")
  checks=$((checks + 1))
  while read -r hit; do
    [ -z "$hit" ] || offends "${hit%%:*} line $(cut -d: -f2 <<<"$hit") knows a layer of ops above ${layers[i]}"
  done < <(code "ops/src/${layers[i]}" "ops/src/${layers[i]}.rs" | grep -Ev '^[^:]*(_tests|/tests|/stage|/bad_days|/year)\.rs:' |
    grep -E "\bcrate::(\{|[A-Z]|(${above:-testing})\b)|^ops/src/${layers[i]}/mod\.rs:.*\bsuper::" || true)
done

checks=$((checks + 1))
need python3 python3
while read -r circle; do
  [ -z "$circle" ] || offends "$circle"
done < <(python3 scripts/circles.py domain/src ports/src ops/src adapters/src islands/src app/src server/src || echo "scripts/circles.py failed")

# A console for people is built alone, without the tests' package that asks for it.
checks=$((checks + 1))
tree=$(cargo tree --offline -e features --prefix none -p server 2>"$LOGS/tree.log") || tree=$(cargo tree -e features --prefix none -p server) || tree=fault-points
! grep -q fault-points <<<"$tree" || offends "the server's own build has the feature fault-points, which only tests may"

checks=$((checks + 1))
while read -r lines file; do
  [ -z "$lines" ] || offends "$file has $lines lines, more than 400: split it by subject"
done < <(find domain ports fakes ops adapters islands app server -name '*.rs' -exec wc -l {} + | awk '$2 != "total" && $1 > 400 { print $1, $2 }')

# rustfmt does not wrap comments. Long texts in quotes stay in one line.
checks=$((checks + 1))
while read -r place; do
  [ -z "$place" ] || offends "$place is a comment wider than 120 columns"
done < <(LC_ALL=C.UTF-8 grep -rnoP --include='*.rs' '^(?= *//).{121}' domain ports fakes ops adapters islands app server tests frontend | cut -d: -f1,2)

# What deny.toml allows. An expression with alternatives inside an AND is held against all of them: stricter, never laxer.
checks=$((checks + 3))
need jq jq
packages=$LOGS/metadata.json
cargo_metadata() { cargo metadata --format-version 1 --locked --filter-platform x86_64-unknown-linux-gnu "$@" 2>"$LOGS/metadata.log" >"$packages"; }
if cargo_metadata --offline || cargo_metadata; then
  allowed=$(sed -n 's/^allow = //p' deny.toml)
  banned=$(sed -n 's/^deny = //p' deny.toml | grep -o '"[^"]*"' | jq -s .)
  while read -r package; do
    [ -z "$package" ] || offends "the dependency $package"
  done < <(jq -r --argjson allowed "$allowed" --argjson banned "$banned" '
    def free: (. // "") | gsub("[()]"; "") | gsub("/"; " OR ")
      | split(" AND ") | all(split(" OR ") | any(gsub("^ +| +$"; "") as $one | $allowed | index($one)));
    .packages[] | select(.source != null)
    | (select(.license | free | not) | "\(.name) \(.version) has the licence \(.license), which deny.toml does not allow"),
      (select(.name as $name | $banned | index($name)) | "\(.name) \(.version) is denied by deny.toml"),
      (select(.source != "registry+https://github.com/rust-lang/crates.io-index") | "\(.name) \(.version) is not from the registry, but from \(.source)")' "$packages")
else
  offends "cargo metadata fails: $(tail -n 1 "$LOGS/metadata.log")"
fi

# A proxy that faces the internet must not hold the Docker socket: whoever takes it over is root on the host.
checks=$((checks + 1))
holds=$(awk '/^  [a-z0-9-]+:$/ { service = $1 } /docker\.sock:/ && !/^ *#/ { print service }' docker-compose.yml | sort -u | tr -d '\n')
[ "$holds" = console: ] || offends "in docker-compose.yml the Docker socket is given to '$holds', not to the console alone"

[ "$offences" = 0 ] || die "$offences offences against the invariants"
say "$checks invariants hold"
