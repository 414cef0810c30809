#!/usr/bin/env bash
# make bench: the figures of docs/benchmarks.md, ours beside the raw commands in one run. Ratios count; machines are noisy.
#   ROUNDS=3       alternating runs of each backup and restore
#   NODES=300000   in the store
#   PARTS="pages backup restore memory targets many short"
#   BULK=2         GB in the store of the parts `memory` and `targets`
#   SHORT_SIZES="0.2 2"  GB in the stores of the part `short`
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
scripts/toolchain.sh release
. "$CACHE/env"
scripts/engine.sh
need_docker
scripts/neo4j-image.sh 5.26.5
command -v wrk >/dev/null || apt_install wrk
command -v brotli >/dev/null || apt_install brotli
# The part `short` has its store on an XFS loop device.
command -v mkfs.xfs >/dev/null || apt_install xfsprogs
# The part `targets` has a store on loopback and a client beside ours.
scripts/s3-store.sh
[ -e "$CACHE/boto3/boto3" ] || quiet bench-boto3 python3 -m pip install -q --target "$CACHE/boto3" boto3 || die "boto3 (PyPI)"
export CACHE PYTHONPATH=$CACHE/boto3
our_target
export BENCH_SITE=$CARGO_TARGET_DIR/site-of-bench BENCH_BINARY=$CARGO_TARGET_DIR/release/neo4j-admin-console
scripts/site.sh release "$BENCH_SITE"
quiet bench-build cargo build -p server --release --bins --example plain_page || die "the release build"
export BENCH_PLAIN=$CARGO_TARGET_DIR/release/examples/plain_page
# As the image sets them.
export DOCKER MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-2} MALLOC_TRIM_THRESHOLD_=${MALLOC_TRIM_THRESHOLD_:-131072}
exec python3 scripts/bench/bench.py
