"""How fast a backup reaches its targets beside raw copies of the same bytes, and what a drill and a restore of them take by part."""
import json, os, pathlib, shutil, statistics, subprocess, tempfile, time, urllib.error, urllib.request
from stage import docker, free_port

WEED = pathlib.Path(os.environ["CACHE"]) / "tools/bin/weed"
KEYS = {"aws_access_key_id": "console", "aws_secret_access_key": "owls and keys at night"}
BUCKET = "backups"
ROUNDS = int(os.environ.get("ROUNDS", "3"))


class S3:
    """SeaweedFS on loopback, as in tests/support/s3_store.rs; the client beside it is boto3 with its defaults (multipart, ten at once)."""
    def __init__(self):
        import boto3
        from botocore.config import Config
        self.place = tempfile.mkdtemp(prefix="bench-s3-")
        identity = {"name": "console", "credentials": [{"accessKey": KEYS["aws_access_key_id"], "secretKey": KEYS["aws_secret_access_key"]}], "actions": ["Admin"]}
        config = f"{self.place}/s3.json"
        pathlib.Path(config).write_text(json.dumps({"identities": [identity]}))
        self.port = free_port()
        words = [WEED, "server", f"-dir={self.place}", "-ip=127.0.0.1", "-s3", f"-s3.port={self.port}", f"-s3.config={config}",
                 "-volume.max=200", "-master.volumeSizeLimitMB=1024", "-volume.minFreeSpace=50MiB"]
        words += [f"-{part}={free_port()}" for part in ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = boto3.client("s3", endpoint_url=self.url, region_name="us-east-1", config=Config(s3={"addressing_style": "path"}), **KEYS)
        self.wait()

    def wait(self):
        end = time.monotonic() + 60
        while True:
            try:
                return self.client.create_bucket(Bucket=BUCKET)
            except Exception:
                if time.monotonic() > end:
                    raise
                time.sleep(0.3)

    def target(self):
        return {"name": "s3", "kind": "s3", "endpoint": self.url, "region": "us-east-1", "bucket": BUCKET, "prefix": "bench", "path_style": True,
                "access_key": KEYS["aws_access_key_id"], "secret_key": KEYS["aws_secret_access_key"]}

    def remove(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.place)


def seconds(view, *names):
    return sum(s.get("took_ms") or 0 for s in view["steps"] if s["name"] in names) / 1000


def parts(view):
    return ", ".join(f"{s['name']} {(s.get('took_ms') or 0) / 1000:.1f}" for s in view["steps"] if (s.get("took_ms") or 0) >= 100)


def raw_local(neo4j, to):
    """The dump out of its volume, as one would by hand, and on the disk."""
    docker("create", "--name", f"{neo4j.name}-cp", "-v", f"{neo4j.dumps}:/backups", "neo4j:5.26.5-community")
    start = time.monotonic()
    docker("cp", f"{neo4j.name}-cp:/backups/neo4j.dump", f"{to}/neo4j.dump")
    subprocess.run(["sync", f"{to}/neo4j.dump"], check=True)
    took = time.monotonic() - start
    docker("rm", f"{neo4j.name}-cp")
    return took


def raw_s3(s3, path):
    start = time.monotonic()
    s3.client.upload_file(path, BUCKET, "raw/neo4j.dump")
    return time.monotonic() - start


def targets(console, neo4j, row):
    s3, place = S3(), tempfile.mkdtemp(prefix="bench-raw-")
    try:
        console.api("/targets", s3.target())
        docker("stop", "-t", "300", neo4j.name)
        neo4j.admin("database", "dump", "neo4j", "--to-path=/backups", "--overwrite-destination=true")
        docker("start", neo4j.name)
        neo4j.wait()
        speeds = {"local": ([], []), "s3": ([], [])}
        for _ in range(ROUNDS):
            for name, (ours, raw) in speeds.items():
                done = console.finish(console.api("/deployments/bench/backups", {"targets": [name]})["job"])
                ours.append(done["result"]["bytes"] / seconds(done, "copy") / 1e6)
                dump = f"{place}/neo4j.dump"
                local = raw_local(neo4j, place)
                took = local if name == "local" else raw_s3(s3, dump)
                raw.append(os.path.getsize(dump) / took / 1e6)
        for name, (ours, raw) in speeds.items():
            o, r = statistics.median(ours), statistics.median(raw)
            row(f"copy to {name}, {os.path.getsize(f'{place}/neo4j.dump') / 1e9:.1f} GB", f"{o:.0f} MB/s", f"{r:.0f} MB/s", f"{o / r:.2f}", "≥ 0.90" if name == "s3" else "")
        drill_and_restore(console, row, done["result"]["backup"])
    finally:
        s3.remove()
        shutil.rmtree(place)


def drill_and_restore(console, row, backup):
    drill = console.finish(console.api("/deployments/bench/drills", {"backup": backup})["job"])
    row("drill of it from S3, by part in s", parts(drill))
    body = {"backup": backup, "confirm": "bench", "reason": "bench", "include_users": False}
    restore = console.finish(console.api("/deployments/bench/restore", body)["job"])
    row("restore of it from S3, by part in s", parts(restore), aim=f"offline {restore['result']['offline_ms'] / 1000:.1f} s")
