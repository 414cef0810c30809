#!/bin/bash
# The contract of the official image's entrypoint for 5.x and calendar versions, Community edition only,
# written anew from its documented behaviour: mounts, plugins, settings from NEO4J_*, first password, start.
# Differs on purpose: nothing is ever downloaded, so of the plugins only APOC core (in labs/) can be had.
set -eu

CONF=$NEO4J_HOME/conf
CONFIG=$CONF/neo4j.conf
command=${1:-neo4j}

fail() { echo >&2 "$*"; exit 1; }

# ---- who runs ----
if [ "$(id -u)" = 0 ]; then
  run_as=neo4j:neo4j
  as_user=(gosu neo4j:neo4j)
else
  run_as=$(id -u):$(id -g)
  as_user=()
fi

# ---- a secret file's content stands for the variable, and overrides it ----
for name in $(compgen -e NEO4J_ || true); do
  [[ $name == *_FILE ]] || continue
  file=${!name}
  [ -r "$file" ] || fail "The secret file '$file' does not exist or is not readable. Make sure you have correctly configured docker secrets."
  export "${name%_FILE}=$(<"$file")"
done

# ---- settings ----
# set_config FILE KEY VALUE: replaces the key's line, or adds it. JVM options are a list and add up.
set_config() {
  local rest
  if [ "$2" = server.jvm.additional ]; then
    grep -qxF -- "$2=$3" "$1" || echo "$2=$3" >>"$1"
    return 0
  fi
  rest=$(awk -F= -v key="$2" '{ name = $1; gsub(/[ \t]/, "", name) } name != key' "$1")
  { [ -z "$rest" ] || printf '%s\n' "$rest"; printf '%s=%s\n' "$2" "$3"; } >"$1"
}
get_config() { awk -v key="$1" '{ i = index($0, "="); name = substr($0, 1, i - 1); gsub(/[ \t]/, "", name) } i && name == key { print substr($0, i + 1) }' "$CONFIG"; }
default_config() { [ -n "$(get_config "$1")" ] || set_config "$CONFIG" "$1" "$2"; }

# ---- mounts ----
writable() { [ "$(id -u)" = 0 ] && gosu neo4j:neo4j test -w "$1" || { [ "$(id -u)" != 0 ] && [ -w "$1" ]; }; }
own_mount() { # FOLDER: ours to write, or said why not
  writable "$1" && return 0
  if [ "$(id -u)" != 0 ] || [ "${SECURE_FILE_PERMISSIONS:-no}" = yes ]; then
    fail "Folder $1 is not accessible for user: ${run_as%:*} or group ${run_as#*:}. This is commonly a file permissions issue on the mounted folder."
  fi
  echo "Warning: Folder mounted to \"$1\" is not writable from inside container. Changing folder owner to neo4j."
  chown -R neo4j:neo4j "$1"
}
if [ -d /conf ]; then
  rm -rf "${CONF:?}"/*
  cp -r /conf/. "$CONF/"
fi
touch "$CONFIG" "$CONF/apoc.conf"
for folder in data logs; do
  own_mount "/$folder"
  set_config "$CONFIG" "server.directories.$folder" "/$folder"
done
for folder in plugins import licenses; do
  [ -d "/$folder" ] || continue
  [ "$folder" != plugins ] || own_mount /plugins
  set_config "$CONFIG" "server.directories.$folder" "/$folder"
done
if [ -d /ssl ]; then
  rm -rf "$NEO4J_HOME/certificates"
  ln -s /ssl "$NEO4J_HOME/certificates"
fi

# ---- plugins: copied at each start, whatever the command is ----
known_plugins="apoc apoc-extended bloom fleet-management genai graph-data-science n10s"
plugins_dir=$NEO4J_HOME/plugins
[ ! -d /plugins ] || plugins_dir=/plugins
install_plugin() {
  local jar wanted present
  [[ " $known_plugins " == *" $1 "* ]] || fail "\"$1\" is not a known Neo4j plugin. Options are: $known_plugins"
  jar=$(ls "$NEO4J_HOME"/labs/"$1"-*.jar 2>/dev/null | head -n 1)
  if [ -z "$jar" ]; then
    echo >&2 "ERROR: No compatible \"$1\" plugin found for Neo4j ${NEO4J_TARBALL:-}. Neo4j will continue to start, but \"$1\" will not be loaded."
    return 0
  fi
  echo "Installing Plugin '$1' from $jar to $plugins_dir/$1.jar"
  cp -f "$jar" "$plugins_dir/$1.jar"
  chmod 644 "$plugins_dir/$1.jar"
  wanted="$1.*"
  present=$(get_config dbms.security.procedures.unrestricted)
  case ",$present," in
    *",$wanted,"*) ;;
    *) set_config "$CONFIG" dbms.security.procedures.unrestricted "$wanted${present:+,$present}" ;;
  esac
}
NEO4J_PLUGINS=${NEO4J_PLUGINS:-${NEO4JLABS_PLUGINS:-}}
if [ -n "$NEO4J_PLUGINS" ]; then
  # Not JSON: jq complains, and the server starts without plugins, as the official image does.
  plugins=$(echo "$NEO4J_PLUGINS" | jq -r '.[]') || true
  for plugin in $plugins; do install_plugin "$plugin"; done
fi

# ---- NEO4J_a_b__c becomes a.b_c; apoc.* has its own file ----
# Variables whose names hold dots never get here: bash does not take them from the environment.
not_settings=" ACCEPT_LICENSE_AGREEMENT AUTH AUTH_PATH CONF DEBUG DEPRECATION_WARNING EDITION HOME PLUGINS SHA256 TARBALL "
for name in $(compgen -e NEO4J_ || true); do
  short=${name#NEO4J_}
  value=${!name}
  [[ $short != *_FILE && $not_settings != *" $short "* && -n $value ]] || continue
  key=${short//_/.}
  key=${key//../_}
  case $key in
    [0-9]*) echo "WARNING: $key not written to conf file. Settings that start with a number are not permitted." ;;
    apoc.*) set_config "$CONF/apoc.conf" "$key" "$value" ;;
    *) set_config "$CONFIG" "$key" "$value" ;;
  esac
done
if [ -z "$(get_config dbms.memory.pagecache.size)" ]; then default_config server.memory.pagecache.size 512M; fi
if [ -z "$(get_config dbms.default_listen_address)" ]; then default_config server.default_listen_address 0.0.0.0; fi

# ---- NEO4J_AUTH ----
if [ "$command" = neo4j ]; then
  if [ -n "${NEO4J_AUTH_PATH:-}" ]; then NEO4J_AUTH=$(<"$NEO4J_AUTH_PATH"); fi
  auth=${NEO4J_AUTH:-}
  if [ "$auth" = none ]; then
    set_config "$CONFIG" dbms.security.auth_enabled false
  elif [[ $auth =~ ^([^/]+)/([^/]+)/?(true)?$ ]]; then
    user=${BASH_REMATCH[1]} password=${BASH_REMATCH[2]} change=${BASH_REMATCH[3]}
    [ "$user" = neo4j ] || fail "Invalid admin username, it must be neo4j."
    [ "$password" != neo4j ] || fail "Invalid value for password. It cannot be 'neo4j', which is the default."
    first_password=1
  elif [ -n "$auth" ]; then
    fail "Invalid value for NEO4J_AUTH: '$auth'"
  fi
fi

# ---- what is ours belongs to the one who runs ----
if [ "$(id -u)" = 0 ]; then
  chown -R neo4j:neo4j "$CONF" "$NEO4J_HOME/plugins" "$NEO4J_HOME/run" "$NEO4J_HOME/import"
  chmod 700 "$CONF"
  find "$CONF" -type f -exec chmod 600 {} +
fi
if [ -n "${EXTENSION_SCRIPT:-}" ]; then
  # shellcheck disable=SC1090
  . "$EXTENSION_SCRIPT"
fi

if [ "$command" = dump-config ]; then
  [ -d /conf ] || fail "You must mount a folder to /conf so that the configuration file(s) can be dumped to there."
  cp -r "$CONF/." /conf/
  exit 0
fi
[ "$command" = neo4j ] || exec "${as_user[@]}" "$@"

if [ -n "${first_password:-}" ]; then
  # At every start, as the official image does it; the server reads it only while it has no users.
  "${as_user[@]}" neo4j-admin dbms set-initial-password "$password" ${change:+--require-password-change}
fi
rm -f "$NEO4J_HOME/run/neo4j.pid"
if [ -n "${EXTENDED_CONF+set}" ]; then expand=--expand-commands; else expand=; fi
# The server's own words of how it wants to be started, so that java is the one who gets the signals.
# A bad setting ends here, with the server's message.
line=$("${as_user[@]}" neo4j console --dry-run $expand)
eval "exec ${as_user[*]} $(tail -n 1 <<<"$line")"
