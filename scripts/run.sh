#!/usr/bin/env bash
# make run: from a fresh clone to a console that answers, with a filled demo Neo4j beside it.
#   PROFILE=quick (release without link-time optimisation) | release (as shipped) | dev
#   CONSOLE_LISTEN=127.0.0.1:3000   SKIP_DEMO=1 (no demo Neo4j)
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

PROFILE=${PROFILE:-quick}
LISTEN=${CONSOLE_LISTEN:-127.0.0.1:3000}
URL=http://$LISTEN
RUN=$ROOT/.run
NAME=neo4j-admin-console
mkdir -p "$RUN/data"

scripts/toolchain.sh "$PROFILE"
. "$CACHE/env"
scripts/engine.sh
if [ "${SKIP_DEMO:-0}" != 1 ]; then
  scripts/neo4j-image.sh
  scripts/demo.sh start
  scripts/demo.sh fill
fi

case $PROFILE in
  release | quick) out=$PROFILE ;;
  dev) out=debug ;;
  *) die "PROFILE is quick, release or dev" ;;
esac
say "building the console, profile $PROFILE (the first time some minutes on 2 cores, seconds when nothing changed)"
our_target
scripts/site.sh "$PROFILE" "$RUN/site"
quiet build cargo build -p server --profile "$PROFILE" || die "cargo build -p server"
# A copy: the target directory is shared, and a console that runs keeps its own.
cp -u "$CARGO_TARGET_DIR/$out/$NAME" "$RUN/$NAME.new" && { cmp -s "$RUN/$NAME.new" "$RUN/$NAME" || mv "$RUN/$NAME.new" "$RUN/$NAME"; }
BINARY=$RUN/$NAME
[ -x "$BINARY" ] || die "the build left no $BINARY"
say "built"

# A console that runs is kept, unless its binary is newer than its start.
if alive "$RUN/console.pid" $NAME && [ "$BINARY" -nt "$RUN/console.pid" ]; then
  say "the binary is new: starting the console again"
  end_by_pid "$RUN/console.pid" $NAME 60
fi
# Also for commands beside it: without these, `token create` would make a database of its own in ./data.
cat >"$RUN/env" <<EOF
export CONSOLE_LISTEN=$LISTEN CONSOLE_DATA=$RUN/data LEPTOS_SITE_ROOT=$RUN/site
EOF
. "$RUN/env"
if ! alive "$RUN/console.pid" $NAME; then
  setsid "$BINARY" serve >"$RUN/console.log" 2>&1 </dev/null &
  echo $! >"$RUN/console.pid"
fi
for ((i = 0; i < 150; i++)); do
  curl -fsS -m 3 -o /dev/null "$URL/healthz" 2>/dev/null && break
  alive "$RUN/console.pid" $NAME || { tail -n 20 "$RUN/console.log" >&2; die "the console ended (see .run/console.log)"; }
  sleep 0.2
done
curl -fsS -m 3 -o /dev/null "$URL/healthz" || { tail -n 20 "$RUN/console.log" >&2; die "the console does not answer on $URL/healthz"; }

say "the console answers on $URL (log .run/console.log, data .run/data, end it with make stop)"
setup=$(grep -o '[^ ]*/setup?token=[^ ]*' "$RUN/console.log" | tail -n 1 || true)
# The console prints the link only while it has no member.
[ -z "$setup" ] || say "set-up link of this start (works once, while there is no member): $URL/setup?token=${setup##*token=}"
say "its command line: . .run/env && .run/$NAME token create NAME"
[ "${SKIP_DEMO:-0}" = 1 ] || say "to adopt the demo: container neo4j-demo, user neo4j, password $(scripts/demo.sh password)"
