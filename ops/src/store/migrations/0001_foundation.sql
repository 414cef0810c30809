-- Times are milliseconds since 1970, UTC. Secrets are sealed or hashed before they come here.
CREATE TABLE console (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE members (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  epoch INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  last_sign_in INTEGER
) STRICT;

-- Failed sign-ins in a row, per account ("account:ana") and per address ("address:10.0.0.7").
CREATE TABLE sign_in_failures (subject TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_at INTEGER NOT NULL) STRICT;

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY,
  member INTEGER NOT NULL REFERENCES members(id),
  label TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  via TEXT NOT NULL,
  address TEXT NOT NULL,
  act TEXT NOT NULL,
  target TEXT NOT NULL,
  outcome TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;

CREATE TABLE deployments (
  name TEXT PRIMARY KEY,
  container TEXT NOT NULL UNIQUE,
  neo4j_user TEXT NOT NULL,
  sealed_password TEXT NOT NULL,
  adopted_at INTEGER NOT NULL
) STRICT;

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  deployment TEXT NOT NULL,
  state TEXT NOT NULL,
  live INTEGER NOT NULL,
  cancel INTEGER NOT NULL DEFAULT 0,
  params TEXT NOT NULL,
  work TEXT NOT NULL DEFAULT '{}',
  by TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  problem TEXT,
  outcome TEXT
) STRICT;
-- No two jobs meet on one deployment: the database itself refuses.
CREATE UNIQUE INDEX one_live_job ON jobs (deployment) WHERE live = 1;
CREATE INDEX jobs_by_deployment ON jobs (deployment, id);

-- Append-only; what a job does next follows from these alone.
CREATE TABLE job_marks (
  id INTEGER PRIMARY KEY,
  job INTEGER NOT NULL REFERENCES jobs(id),
  step TEXT NOT NULL,
  mark TEXT NOT NULL,
  at INTEGER NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX job_marks_by_job ON job_marks (job, id);

CREATE TABLE job_progress (job INTEGER PRIMARY KEY REFERENCES jobs(id), progress TEXT NOT NULL) STRICT;

CREATE TABLE job_log (id INTEGER PRIMARY KEY, job INTEGER NOT NULL REFERENCES jobs(id), at INTEGER NOT NULL, tone TEXT, line TEXT NOT NULL) STRICT;
CREATE INDEX job_log_by_job ON job_log (job, id);

CREATE TABLE backups (
  id TEXT PRIMARY KEY,
  deployment TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  problem TEXT,
  verified_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  nodes INTEGER NOT NULL,
  by TEXT NOT NULL,
  reason TEXT NOT NULL,
  version TEXT NOT NULL,
  offline_ms INTEGER NOT NULL,
  manifest_sha256 TEXT NOT NULL,
  manifest TEXT NOT NULL
) STRICT;
CREATE INDEX backups_by_deployment ON backups (deployment, made_at);

-- What restores moved aside inside the data volume, until it is brought back or removed.
CREATE TABLE set_asides (
  job INTEGER PRIMARY KEY REFERENCES jobs(id),
  deployment TEXT NOT NULL,
  databases TEXT NOT NULL,
  made_at INTEGER NOT NULL
) STRICT;
