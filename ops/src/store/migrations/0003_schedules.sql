-- Schedules of backups. `since`: planned times up to it do not count; the time the schedule was made, changed or resumed.
CREATE TABLE schedules (
  deployment TEXT NOT NULL REFERENCES deployments(name) ON DELETE CASCADE,
  name TEXT NOT NULL,
  cron TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  targets TEXT NOT NULL,
  kind TEXT NOT NULL,
  keep_days INTEGER,
  keep_count INTEGER,
  paused INTEGER NOT NULL DEFAULT 0,
  jitter_minutes INTEGER NOT NULL DEFAULT 0,
  since INTEGER NOT NULL,
  PRIMARY KEY (deployment, name)
) STRICT;

-- How each planned run was settled; kept when the schedule is gone. One planned time has one row, so a run never happens twice.
CREATE TABLE schedule_runs (
  id INTEGER PRIMARY KEY,
  deployment TEXT NOT NULL,
  schedule TEXT NOT NULL,
  planned_at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  job INTEGER REFERENCES jobs(id),
  note TEXT NOT NULL,
  UNIQUE (deployment, schedule, planned_at)
) STRICT;

ALTER TABLE backups ADD COLUMN schedule TEXT;
ALTER TABLE backups ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
