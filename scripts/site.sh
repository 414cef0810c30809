#!/usr/bin/env bash
# Builds what the browser loads and lays it out as a site folder: pkg/console.{js,wasm,css} and the files of public/.
#   site.sh [dev|quick|release] SITE-FOLDER      release: optimised, and compressed beside each file (.br, .gz)
# What cargo-leptos would do, in four commands (docs/decisions/0012).
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
. "$CACHE/env"

PROFILE=$1
SITE=$2
case $PROFILE in
  dev) profile=dev out=debug ;;
  quick | release) profile=wasm-$PROFILE out=wasm-$PROFILE ;;
  *) die "site.sh: the profile is dev, quick or release" ;;
esac
our_target
quiet site-wasm cargo build -p frontend --target wasm32-unknown-unknown --profile "$profile" || die "cargo build -p frontend"

made=$CARGO_TARGET_DIR/site-$PROFILE
rm -rf "$made" && mkdir -p "$made/pkg"
quiet site-bindgen wasm-bindgen --target web --no-typescript --out-dir "$made/pkg" --out-name console \
  "$CARGO_TARGET_DIR/wasm32-unknown-unknown/$out/frontend.wasm" || die "wasm-bindgen"
mv "$made/pkg/console_bg.wasm" "$made/pkg/console.wasm"
if [ "$PROFILE" = release ]; then
  quiet site-opt wasm-opt -Oz "$made/pkg/console.wasm" -o "$made/pkg/console.wasm" || die "wasm-opt"
fi
# Imports are inlined in their order, each file in its own layer.
quiet site-style lightningcss --bundle --minify --targets "last 2 chrome versions, last 2 firefox versions, last 2 safari versions" \
  style/main.css -o "$made/pkg/console.css" || die "lightningcss"
cp -r public/. "$made/"
# Else the console would compress ten megabytes for each browser that comes.
if [ "$PROFILE" = release ]; then quiet site-compress node scripts/compress.mjs "$made" || die "compress"; else gzip -k1 "$made"/pkg/*; fi

# A console that runs keeps its files until all are there.
mkdir -p "$SITE"
rm -rf "$SITE.old"
mv "$SITE" "$SITE.old" && mv "$made" "$SITE" && rm -rf "$SITE.old"
say "site: $(du -sh "$SITE/pkg/console.wasm" | cut -f1) of wasm, profile $PROFILE"
