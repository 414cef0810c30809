-- `sealed` holds the whole destination: addresses of web hooks are secrets themselves. `shown` is for people.
CREATE TABLE channels (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  shown TEXT NOT NULL,
  sealed TEXT NOT NULL,
  terms TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- To "channel:NAME" or "ping:DEPLOYMENT". AUTOINCREMENT: receivers tell a repeated message by its number.
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  recipient TEXT NOT NULL,
  event TEXT NOT NULL,
  at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'waiting',
  tried_at INTEGER,
  problem TEXT,
  next_at INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_by_recipient ON deliveries (recipient, id);
CREATE INDEX deliveries_waiting ON deliveries (recipient, id) WHERE state = 'waiting';

-- What was found and is not over.
CREATE TABLE alarms (
  kind TEXT NOT NULL,
  deployment TEXT NOT NULL REFERENCES deployments(name) ON DELETE CASCADE,
  since INTEGER NOT NULL,
  told_at INTEGER,
  told_level TEXT,
  PRIMARY KEY (kind, deployment)
) STRICT;

-- What is set for the alarms of a deployment; absent: the defaults.
CREATE TABLE watches (
  deployment TEXT PRIMARY KEY REFERENCES deployments(name) ON DELETE CASCADE,
  allowance_hours INTEGER NOT NULL,
  repeat_hours INTEGER NOT NULL,
  ping_shown TEXT,
  ping_sealed TEXT
) STRICT;

-- Ends of jobs that were not looked at yet. Written with the end itself, whoever ends the job; `job` orders nothing, as jobs
-- end in another order than they were queued, and a clock may go back.
CREATE TABLE job_ends (id INTEGER PRIMARY KEY AUTOINCREMENT, job INTEGER NOT NULL REFERENCES jobs(id), state TEXT NOT NULL) STRICT;
CREATE TRIGGER job_ended AFTER UPDATE OF state ON jobs
WHEN new.state <> old.state AND new.state NOT IN ('queued', 'running')
BEGIN
  INSERT INTO job_ends (job, state) VALUES (new.id, new.state);
END;
