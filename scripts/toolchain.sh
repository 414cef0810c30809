#!/usr/bin/env bash
# What it takes to build the console: Rust with std for wasm32, wasm-bindgen, lightningcss, a C compiler; with `toolchain.sh release`
# also wasm-opt. Not cargo-leptos: scripts/site.sh does its four commands (docs/decisions/0012).
# Each in the ordinary way first; what is on this machine in the right version is taken.
# Writes $CACHE/env, which the other scripts source.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

WASM_BINDGEN=$(sed -n '/^name = "wasm-bindgen"$/{n;s/version = "\(.*\)"/\1/p}' "$ROOT/Cargo.lock" 2>/dev/null || true)
WASM_BINDGEN=${WASM_BINDGEN:-0.2.130} # the tool and the crate must be of one version
BINARYEN=132
LIGHTNINGCSS=1.33.0
WANTED=${1:-}
RUST_AT_LEAST=1.95
TARGET=wasm32-unknown-unknown
DEBIAN_RUST=1.96
TOOLS=$CACHE/tools
BUILD=$CACHE/build
mkdir -p "$TOOLS/bin"
[ ! -d "$HOME/.cargo/bin" ] || PATH=$PATH:$HOME/.cargo/bin
export PATH=$TOOLS/bin:$PATH CARGO_TERM_COLOR=never

# take COMMAND VERSION-LINE: links the first tool of that version found on PATH or in a usual place; false when none.
take() {
  local dir found
  for dir in "$TOOLS/bin" ${PATH//:/ } "$HOME/.cargo/bin" "$HOME"/.local/*/bin; do
    found=$dir/$1
    [ -x "$found" ] && [ "$("$found" --version 2>/dev/null | head -n 1)" = "$2" ] || continue
    [ "$found" = "$TOOLS/bin/$1" ] || ln -sf "$found" "$TOOLS/bin/$1"
    return 0
  done
  return 1
}

# ---- a C compiler and what the crates with C inside want ----
command -v cc >/dev/null && command -v pkg-config >/dev/null && command -v cmake >/dev/null && command -v curl >/dev/null \
  || apt_install gcc libc6-dev pkg-config cmake make curl ca-certificates

# ---- Rust ----
newer() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; } # newer A B: A is B or newer
has_std() { # RUSTC…: a usable std for wasm
  local lib
  lib=$("$@" --print target-libdir --target $TARGET 2>/dev/null) && ls "$lib"/libstd-*.rlib >/dev/null 2>&1
}
if ! command -v rustup >/dev/null && ! command -v rustc >/dev/null && is_debian_root; then
  apt-cache show rustup >/dev/null 2>&1 && apt_install rustup
fi
command -v rustup >/dev/null || die "please install rustup (the Rust installer named on rust-lang.org), then run this again"
quiet rustc-version rustc --version || quiet rustup-stable rustup toolchain install stable --profile minimal -c clippy -c rustfmt \
  || die "rustup cannot install the stable toolchain"
newer "$(rustc --version | cut -d' ' -f2)" $RUST_AT_LEAST || quiet rustup-update rustup update stable \
  || die "Rust $(rustc --version | cut -d' ' -f2) is older than $RUST_AT_LEAST, and rustup cannot update it"

# Where rustup cannot fetch the target: Debian's compiler for the web, and std built once from its own source.
debian_rust() {
  is_debian_root || die "rustup target add $TARGET does not work here: let it reach its server, or use Debian 12 as root"
  apt_install rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy lld-22 gcc libc6-dev
  /usr/bin/rustc --version | grep -q "^rustc $DEBIAN_RUST" || die "Debian's compiler is $(/usr/bin/rustc --version), not $DEBIAN_RUST"
  if ! has_std /usr/bin/rustc; then
    local dir=$BUILD/std lib
    rm -rf "$dir" && mkdir -p "$dir/src"
    printf '[package]\nname = "dummy"\nversion = "0.0.0"\nedition = "2021"\n[lib]\n[profile.release]\ncodegen-units = 1\ndebug = false\n' >"$dir/Cargo.toml"
    echo '#![allow(unused)]' >"$dir/src/lib.rs"
    # embed-bitcode: without it `lto` fails in the release profile.
    cd "$dir"
    quiet std env -u RUSTUP_TOOLCHAIN RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS='-C embed-bitcode=yes' \
      CARGO_TARGET_DIR="$dir/target" /usr/bin/cargo build --release -Zbuild-std=std,panic_abort,proc_macro --target $TARGET \
      || die "std for $TARGET"
    cd "$ROOT"
    lib=$(/usr/bin/rustc --print target-libdir --target $TARGET)
    mkdir -p "$lib"
    find "$dir/target/$TARGET/release/deps" \( -name 'lib*.rlib' -o -name 'lib*.rmeta' \) ! -name 'libdummy*' -exec cp {} "$lib/" \;
    rm -rf "$dir"
    has_std /usr/bin/rustc || die "std for $TARGET is not where rustc looks"
  fi
  if [ "$(readlink -f "$(rustup run debian rustc --print sysroot 2>/dev/null || true)")" != /usr ]; then
    quiet rustup-link rustup toolchain link debian /usr || die "rustup toolchain link"
  fi
  export RUSTUP_TOOLCHAIN=debian
}
if [ "${FORCE_DEBIAN:-0}" = 1 ]; then debian_rust
elif has_std rustc; then :
elif quiet rustup-target timeout 180 rustup target add $TARGET; then say "rustup target add $TARGET: done"
else debian_rust
fi
say "$(rustc --version | cut -d' ' -f1,2) with $TARGET"

# ---- from npm: a minifier of style sheets, and for a release what makes the wasm small ----
need npm nodejs npm
npm_tool() { # COMMAND PACKAGE VERSION
  local dir=$TOOLS/npm/$2-$3
  if [ ! -x "$dir/node_modules/.bin/$1" ]; then
    quiet "npm-$2" npm install --no-audit --no-fund --no-save --prefix "$dir" "$2@$3" || die "npm install $2@$3"
    say "$2 $3 installed"
  fi
  ln -sfn "$dir/node_modules/.bin/$1" "$TOOLS/bin/$1"
  "$TOOLS/bin/$1" --version >/dev/null || die "$1 of $2@$3 does not run"
}
npm_tool lightningcss lightningcss-cli $LIGHTNINGCSS
[ "$WANTED" != release ] || npm_tool wasm-opt binaryen $BINARYEN

# ---- wasm-bindgen, in the cheapest profile that works ----
export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0 CARGO_PROFILE_DEV_PANIC=abort CARGO_PROFILE_DEV_STRIP=none \
  CARGO_PROFILE_DEV_OVERFLOW_CHECKS=false CARGO_PROFILE_DEV_DEBUG_ASSERTIONS=false CARGO_PROFILE_DEV_CODEGEN_UNITS=16
if ! take wasm-bindgen "wasm-bindgen $WASM_BINDGEN"; then
  say "wasm-bindgen $WASM_BINDGEN: compiling (about 1 minute)"
  rm -f "$TOOLS/bin/wasm-bindgen"
  hot=()
  for crate in walrus wasmparser wasm-encoder gimli id-arena; do hot+=(--config "profile.dev.package.$crate.opt-level=1"); done
  # Not --locked: its lock names a crate version that not every registry serves.
  quiet wasm-bindgen env CARGO_TARGET_DIR="$BUILD/wasm-bindgen" cargo install "${hot[@]}" --debug --force --no-default-features \
    --bin wasm-bindgen --root "$TOOLS" "wasm-bindgen-cli@$WASM_BINDGEN" || die "wasm-bindgen"
  rm -rf "$BUILD/wasm-bindgen"
fi
{
  echo "export PATH=\"$TOOLS/bin:\$PATH:$HOME/.cargo/bin\""
  [ -z "${RUSTUP_TOOLCHAIN:-}" ] || echo "export RUSTUP_TOOLCHAIN=$RUSTUP_TOOLCHAIN"
} >"$CACHE/env"
say "wasm-bindgen $WASM_BINDGEN, lightningcss $LIGHTNINGCSS, node $(node --version)"
