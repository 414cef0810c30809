#!/usr/bin/env bash
# Inlines the imports of style/main.css into target/style/main.css, which cargo-leptos minifies and hashes.
# Every file wraps itself in its own layer, so putting one behind the other is all there is to do.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p target/style
made=target/style/main.css.new
while IFS= read -r line; do
  case $line in
    '@import url("'*) file=${line#*\"} && cat "style/${file%%\"*}" ;;
    *) printf '%s\n' "$line" ;;
  esac
done <style/main.css >"$made"
# Untouched when nothing changed, so that nothing is built for it.
if cmp -s "$made" target/style/main.css; then rm "$made"; else mv "$made" target/style/main.css; fi
