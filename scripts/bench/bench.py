"""Prints the table of docs/benchmarks.md: what, ours, raw, ratio, aim."""
import http.client, os, re, sqlite3, statistics, subprocess, tempfile, time, urllib.parse
from stage import Console, Neo4j, Outage, docker
from short import short
from targets import targets

ROUNDS = int(os.environ.get("ROUNDS", "3"))
NODES = int(os.environ.get("NODES", "300000"))
# GB of text that does not compress, for the parts `memory` and `targets`.
BULK = float(os.environ.get("BULK", "2"))
PARTS = os.environ.get("PARTS", "pages backup restore memory targets many short").split()
rows = []


def row(what, ours, raw="", ratio="", aim=""):
    rows.append((what, ours, raw, ratio, aim))
    print(f"  {what}: {ours} {raw} {ratio}", flush=True)


def timed(neo4j, act):
    with Outage(neo4j) as outage:
        start = time.monotonic()
        act()
        neo4j.wait()
        wall = time.monotonic() - start
    return wall, outage.gap


def compare(what, ours, raw, walls):
    """Alternating runs, medians."""
    o = [statistics.median(x[i] for x in ours) for i in (0, 1)]
    r = [statistics.median(x[i] for x in raw) for i in (0, 1)]
    for i, name in enumerate(("wall", "outage")):
        row(f"{what}, {name}", f"{o[i]:.1f} s", f"{r[i]:.1f} s", f"{o[i] / r[i]:.2f}", walls[i])


def backup(console, neo4j):
    def raw():
        docker("stop", "-t", "120", neo4j.name)
        for db in ("neo4j", "system"):
            neo4j.admin("database", "dump", db, "--to-path=/backups", "--overwrite-destination=true")
        docker("start", neo4j.name)
    def ours():
        console.finish(console.api("/deployments/bench/backups", {})["job"])
    runs = [(timed(neo4j, ours), timed(neo4j, raw)) for _ in range(ROUNDS)]
    compare(f"backup of {NODES:,} nodes", [a for a, _ in runs], [b for _, b in runs], ("≤ 1.10", "≤ 0.95"))


def restore(console, neo4j):
    id_ = console.api("/deployments/bench/backups")[0]["id"]
    proofs = []
    def raw():
        docker("stop", "-t", "120", neo4j.name)
        neo4j.admin("database", "load", "neo4j", "--from-path=/backups", "--overwrite-destination=true")
        docker("start", neo4j.name)
    def ours():
        body = {"backup": id_, "confirm": "bench", "reason": "bench", "include_users": False}
        view = console.finish(console.api("/deployments/bench/restore", body)["job"])
        before = ("check", "read", "fetch", "candidate", "consistency", "prove")
        proofs.append(sum(s.get("took_ms") or 0 for s in view["steps"] if s["name"] in before) / 1000)
    runs = [(timed(neo4j, ours), timed(neo4j, raw)) for _ in range(ROUNDS)]
    compare("restore", [a for a, _ in runs], [b for _, b in runs], ("", ""))
    row("restore, of it the proof on a copy (server online)", f"{statistics.median(proofs):.1f} s")


def signed_in(console):
    """The session's cookie, from the form as a browser sends it."""
    c = http.client.HTTPConnection("127.0.0.1", console.port)
    form = urllib.parse.urlencode({"name": "ana", "password": "seven brown owls", "next": ""})
    c.request("POST", "/api/fn/sign_in", form, {"content-type": "application/x-www-form-urlencoded", "origin": console.url, "accept": "text/html", "referer": f"{console.url}/login"})
    return c.getresponse().getheader("set-cookie").split(";")[0]


def load(console, path, connections, cookie):
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", "-d10s", "--latency", "-H", f"Cookie: {cookie}", f"{console.url}{path}"], capture_output=True, text=True, check=True).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    if bad:
        raise RuntimeError(f"{path}: {bad[0]}")
    found = {p: re.search(rf"{p}%\s+(\S+)", out)[1] for p in (50, 99)}
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), found[50], found[99]


class PlainPage:
    """A page of plain axum over SQLite (server/examples/plain_page.rs)."""
    def __enter__(self):
        self.data = tempfile.TemporaryDirectory(prefix="plain-page-")
        file = os.path.join(self.data.name, "rows.db")
        self.process = subprocess.Popen([os.environ["BENCH_PLAIN"], file], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip().rstrip("/")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.data.cleanup()


def told(answered):
    rate, p50, p99 = answered
    return f"{rate:,.0f} requests/s, p50 {p50}, p99 {p99}"


def pages(console):
    row("idle memory", f"{console.memory():.1f} MB", aim="≤ 20 MB")
    cookie = signed_in(console)
    with PlainPage() as plain:
        for path, name in (("/deployments/bench", "overview"), ("/", "list")):
            for connections in (20, 50):
                ours, raw = load(console, path, connections, cookie), load(plain, "/", connections, "id=one")
                aim = "≥ 4,000/s, p99 ≤ 8 ms" if (name, connections) == ("overview", 20) else ""
                row(f"{name}, {connections} connections", told(ours), told(raw), f"{ours[0] / raw[0]:.2f}", aim)
    row("memory after the load", f"{console.memory():.1f} MB", aim="≤ 30 MB")
    total = first_load(console, cookie)
    row("first load (html, wasm, js, css; brotli)", f"{total / 1000:.0f} kB", aim="≤ 200 kB")


def first_load(console, cookie):
    def get(path):
        c = http.client.HTTPConnection("127.0.0.1", console.port)
        c.request("GET", path, headers={"accept-encoding": "br", "cookie": cookie})
        answer = c.getresponse()
        body = answer.read()
        return body, answer.getheader("content-encoding")
    html, encoding = get("/deployments/bench")
    size = len(html)
    text = subprocess.run(["brotli", "-dc"], input=html, capture_output=True, check=True).stdout if encoding == "br" else html
    for path in sorted(set(re.findall(rb'/pkg/[\w./\-]+\.(?:wasm|js|css)', text))):
        body, _ = get(path.decode())
        print(f"    {path.decode()}: {len(body):,} bytes")
        size += len(body)
    return size


def memory(console, neo4j):
    before, job = console.memory(), console.api("/deployments/bench/backups", {})["job"]
    peak = before
    while console.api(f"/jobs/{job}")["state"] in ("queued", "running"):
        peak = max(peak, console.memory())
        time.sleep(0.1)
    done = console.finish(job)
    row(f"memory while it backs up {done['result']['bytes'] / 1e9:.1f} GB of dumps", f"+{peak - before:.1f} MB", aim="≤ 32 MB")


def many(console):
    """Pages over 10,000 backups: rows copied from a real one, an hour apart."""
    with sqlite3.connect(os.path.join(console.data, "console.db")) as db:
        db.row_factory = sqlite3.Row
        one = dict(db.execute("SELECT * FROM backups ORDER BY made_at LIMIT 1").fetchone())
        names = ", ".join(one)
        marks = ", ".join("?" * len(one))
        for n in range(10_000):
            row_ = {**one, "id": f"{one['id']}-{n}", "made_at": one["made_at"] - n * 3_600_000, "reason": f"number {n}"}
            db.execute(f"INSERT INTO backups ({names}) VALUES ({marks})", list(row_.values()))
    time.sleep(2)  # what the console kept is forgotten each second
    cookie = signed_in(console)
    base = "/deployments/bench/backups"
    for name, path in (("page 1", base), ("page 200", f"{base}?page=200"), ("a search", f"{base}?q=number+9999"), ("calendar", f"{base}/calendar"), ("schedules, with what goes", "/deployments/bench/schedules")):
        times = []
        for _ in range(20):
            c = http.client.HTTPConnection("127.0.0.1", console.port)
            start = time.monotonic()
            c.request("GET", path, headers={"cookie": cookie})
            answer = c.getresponse()
            answer.read()
            times.append((time.monotonic() - start) * 1000)
            assert answer.status == 200, (path, answer.status)
        row(f"10,000 backups, {name}", f"{statistics.median(times):.0f} ms", aim="≤ 150 ms")


def main():
    neo4j, console = Neo4j(), Console()
    try:
        neo4j.make_dumps_volume()
        neo4j.fill(NODES // 2)
        console.api("/deployments", {"container": neo4j.name, "username": "neo4j", "password": "owls fly at night", "name": "bench"})
        if "pages" in PARTS: pages(console)
        if "backup" in PARTS: backup(console, neo4j)
        if "restore" in PARTS: restore(console, neo4j)
        if "memory" in PARTS or "targets" in PARTS: neo4j.fill_bulk(BULK)
        if "memory" in PARTS: memory(console, neo4j)
        if "targets" in PARTS: targets(console, neo4j, row)
        if "many" in PARTS: many(console)
        if "short" in PARTS: short(console, row)
    finally:
        console.stop()
        neo4j.remove()
    print("\n| what | ours | raw | ratio | aim |\n|---|---|---|---|---|")
    for r in rows:
        print("| " + " | ".join(r) + " |")


main()
