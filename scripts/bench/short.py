"""The outage of an ordinary and of a short-outage dump, for stores of several sizes on an XFS loop device. Needs root."""
import os, subprocess, tempfile
from stage import Neo4j, Outage, docker

SIZES = [float(gb) for gb in os.environ.get("SHORT_SIZES", "0.2 2").split()]
ROUNDS = int(os.environ.get("ROUNDS", "3"))


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


class XfsVolume:
    def __init__(self, gigabytes):
        self.place = tempfile.TemporaryDirectory(prefix="bench-xfs-")
        image = f"{self.place.name}/disk"
        # Room for the logs of the fill and for what is written while the clone stands.
        run("truncate", "-s", f"{int(gigabytes * 3) + 4}g", image)
        run("mkfs.xfs", "-q", image)
        self.device = run("losetup", "--find", "--show", image)
        self.name = f"bench-xfs-{os.getpid()}"
        docker("volume", "create", "--opt", "type=xfs", "--opt", f"device={self.device}", self.name)

    def remove(self):
        subprocess.run(["losetup", "--detach", self.device], check=False)
        self.place.cleanup()


def outages(console, neo4j, name, kind):
    """As seen from outside, and by the console's own marks. The median of some runs."""
    seen = []
    for _ in range(ROUNDS):
        with Outage(neo4j) as outage:
            done = console.finish(console.api(f"/deployments/{name}/backups", {"kind": kind})["job"])
            neo4j.wait()
        made = console.api(f"/backups/{done['result']['backup']}")["kind"]
        if made != kind:
            raise RuntimeError(f"{kind} was asked for, {made} was made")
        seen.append((outage.gap, done["result"]["offline_ms"] / 1000))
    return sorted(seen)[len(seen) // 2]


def short(console, row):
    for size in SIZES:
        disk, name = XfsVolume(size), f"short-{size:g}".replace(".", "-")
        neo4j = Neo4j(name=f"bench-{name}", volume=disk.name)
        try:
            neo4j.fill_bulk(size)
            # The first stop after a fill writes what is still in memory: of no way of backing up.
            docker("stop", "-t", "300", neo4j.name)
            docker("start", neo4j.name)
            neo4j.wait()
            console.api("/deployments", {"container": neo4j.name, "username": "neo4j", "password": "owls fly at night", "name": name})
            for kind in ("offline_dump", "short_outage_dump"):
                gap, told = outages(console, neo4j, name, kind)
                row(f"outage of a {kind}, {size:g} GB on XFS", f"{gap:.1f} s", f"told {told:.1f} s")
        finally:
            neo4j.remove()
            disk.remove()
