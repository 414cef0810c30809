"""The real console and a real Neo4j for the bench, and the raw commands beside them."""
import base64, json, os, pathlib, socket, subprocess, tempfile, threading, time, urllib.error, urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKER = os.environ.get("DOCKER", "docker")
IMAGE = "neo4j:5.26.5-community"
PASSWORD = "owls fly at night"


def docker(*args):
    done = subprocess.run([DOCKER, *args], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"docker {args}: {done.stderr}")
    return done.stdout.strip()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Neo4j:
    def __init__(self, heap="1g", name="bench", volume=None):
        self.name = f"{name}-{os.getpid()}"
        self.volume, self.dumps = volume or f"{self.name}-data", f"{self.name}-dumps"
        self.http = free_port()
        docker("run", "-d", "--name", self.name, "--stop-timeout", "120", "-v", f"{self.volume}:/data",
               "-p", f"127.0.0.1:{self.http}:7474", "-p", f"127.0.0.1:{free_port()}:7687", "-e", f"NEO4J_AUTH=neo4j/{PASSWORD}",
               "-e", f"NEO4J_server_memory_heap_max__size={heap}", "-e", "NEO4J_server_memory_pagecache_size=512m", IMAGE)
        self.wait()

    def answers(self):
        try:
            return self.cypher("RETURN 1") == 1
        except OSError:
            return False

    def wait(self):
        end = time.monotonic() + 300
        while not self.answers():
            if time.monotonic() > end:
                raise RuntimeError("Neo4j does not answer")
            time.sleep(0.1)

    def cypher(self, statement):
        body = json.dumps({"statements": [{"statement": statement}]}).encode()
        auth = base64.b64encode(f"neo4j:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}/db/neo4j/tx/commit", body,
                                         {"content-type": "application/json", "authorization": f"Basic {auth}"})
        answer = json.load(urllib.request.urlopen(request, timeout=600))
        if answer["errors"]:
            raise OSError(answer["errors"][0]["message"])
        data = answer["results"][0]["data"]
        return data[0]["row"][0] if data else None

    def fill(self, pairs):
        self.cypher(f"UNWIND range(1, {pairs}) AS i CALL {{ WITH i CREATE (:Person {{name: 'p' + i, i: i}})-[:OWNS]->(:Thing {{i: i}}) }} IN TRANSACTIONS OF 10000 ROWS")

    def fill_bulk(self, gigabytes):
        """Text that does not compress."""
        self.cypher(f"UNWIND range(1, {int(110000 * gigabytes)}) AS i CALL {{ WITH i CREATE (:Bulk {{t: reduce(s = '', j IN range(1, 220) | s + randomUUID())}}) }} IN TRANSACTIONS OF 2000 ROWS")

    def admin(self, *words):
        docker("run", "--rm", "--network", "none", "--user", "7474:7474", "--entrypoint", "neo4j-admin",
               "-v", f"{self.volume}:/data", "-v", f"{self.dumps}:/backups", IMAGE, *words)

    def make_dumps_volume(self):
        docker("volume", "create", self.dumps)
        docker("run", "--rm", "--user", "root", "--entrypoint", "chown", "-v", f"{self.dumps}:/backups", IMAGE, "7474:7474", "/backups")

    def remove(self):
        docker("rm", "-f", self.name)
        docker("volume", "rm", "-f", self.volume, self.dumps)


class Outage:
    """Asks every 50 ms from outside; the longest silence is the outage."""
    def __init__(self, neo4j):
        self.neo4j, self.over, self.gap = neo4j, False, 0.0
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        last = time.monotonic()
        while not self.over:
            if self.neo4j.answers():
                now = time.monotonic()
                self.gap, last = max(self.gap, now - last), now
            time.sleep(0.05)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()


class Console:
    def __init__(self):
        self.data = tempfile.mkdtemp(prefix="console-bench-")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {"PATH": os.environ["PATH"], "CONSOLE_DATA": self.data, "CONSOLE_LISTEN": f"127.0.0.1:{self.port}", "CONSOLE_URL": self.url,
                    "LEPTOS_SITE_ROOT": os.environ["BENCH_SITE"], "CONSOLE_LOG": "warn",
                    # As the image sets them (bench.sh).
                    **{k: v for k, v in os.environ.items() if k.startswith("MALLOC_")}}
        self.binary = pathlib.Path(os.environ["BENCH_BINARY"])
        self.run("member", "add", "ana", "--role", "admin", "--password-stdin", stdin="seven brown owls")
        self.token = self.run("token", "create", "ana").strip().splitlines()[-1]
        self.process = subprocess.Popen([self.binary, "serve"], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/healthz")
                return
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def run(self, *words, stdin=""):
        return subprocess.run([self.binary, *words], env=self.env, input=stdin, text=True, capture_output=True, check=True).stdout

    def api(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        try:
            return json.load(urllib.request.urlopen(urllib.request.Request(f"{self.url}/api/v1{path}", data, headers)))
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error} {error.read().decode()}") from None

    def finish(self, job):
        while True:
            view = self.api(f"/jobs/{job}")
            if view["state"] not in ("queued", "running"):
                if view["state"] != "succeeded":
                    raise RuntimeError(f"job {job}: {view['problem']}")
                return view
            time.sleep(0.1)

    def memory(self, field="VmRSS"):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith(field):
                return int(line.split()[1]) / 1024
        raise RuntimeError(field)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
