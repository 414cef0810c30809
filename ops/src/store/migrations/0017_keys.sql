-- A deployment has a number in all tables, so that another name is one column, and another container one row. It is known as long
-- as a job or a backup of it is; what makes it one of this console's is its adoption. A container is known by host and name.
CREATE TABLE known (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE) STRICT;
INSERT INTO known (name)
  SELECT name FROM deployments UNION SELECT deployment FROM jobs UNION SELECT deployment FROM backups
  UNION SELECT deployment FROM set_asides UNION SELECT deployment FROM schedule_runs ORDER BY 1;

CREATE TABLE adoptions (
  deployment INTEGER PRIMARY KEY REFERENCES known(id),
  host TEXT NOT NULL,
  container TEXT NOT NULL,
  neo4j_user TEXT NOT NULL,
  sealed_password TEXT NOT NULL,
  adopted_at INTEGER NOT NULL,
  data_accepted_at INTEGER NOT NULL DEFAULT 0,
  UNIQUE (host, container)
) STRICT;
INSERT INTO adoptions (deployment, host, container, neo4j_user, sealed_password, adopted_at, data_accepted_at)
  SELECT k.id, 'local', d.container, d.neo4j_user, d.sealed_password, d.adopted_at, d.data_accepted_at
  FROM deployments d JOIN known k ON k.name = d.name;

-- What goes with the adoption.
CREATE TABLE new_schedules (
  deployment INTEGER NOT NULL REFERENCES adoptions(deployment) ON DELETE CASCADE,
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
INSERT INTO new_schedules
  SELECT k.id, s.name, s.cron, s.time_zone, s.targets, s.kind, s.keep_days, s.keep_count, s.paused, s.jitter_minutes, s.since
  FROM schedules s JOIN known k ON k.name = s.deployment;
DROP TABLE schedules;
ALTER TABLE new_schedules RENAME TO schedules;

CREATE TABLE new_alarms (
  kind TEXT NOT NULL,
  deployment INTEGER NOT NULL REFERENCES adoptions(deployment) ON DELETE CASCADE,
  since INTEGER NOT NULL,
  told_at INTEGER,
  told_level TEXT,
  PRIMARY KEY (kind, deployment)
) STRICT;
INSERT INTO new_alarms SELECT a.kind, k.id, a.since, a.told_at, a.told_level FROM alarms a JOIN known k ON k.name = a.deployment;
DROP TABLE alarms;
ALTER TABLE new_alarms RENAME TO alarms;

CREATE TABLE new_watches (
  deployment INTEGER PRIMARY KEY REFERENCES adoptions(deployment) ON DELETE CASCADE,
  allowance_hours INTEGER NOT NULL,
  repeat_hours INTEGER NOT NULL,
  ping_shown TEXT,
  ping_sealed TEXT
) STRICT;
INSERT INTO new_watches
  SELECT k.id, w.allowance_hours, w.repeat_hours, w.ping_shown, w.ping_sealed FROM watches w JOIN known k ON k.name = w.deployment;
DROP TABLE watches;
ALTER TABLE new_watches RENAME TO watches;

CREATE TABLE new_drill_plans (
  deployment INTEGER PRIMARY KEY REFERENCES adoptions(deployment) ON DELETE CASCADE,
  every_days INTEGER NOT NULL
) STRICT;
INSERT INTO new_drill_plans SELECT k.id, p.every_days FROM drill_plans p JOIN known k ON k.name = p.deployment;
DROP TABLE drill_plans;
ALTER TABLE new_drill_plans RENAME TO drill_plans;

-- What outlives it.
CREATE TABLE new_schedule_runs (
  id INTEGER PRIMARY KEY,
  deployment INTEGER NOT NULL REFERENCES known(id),
  schedule TEXT NOT NULL,
  planned_at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  job INTEGER REFERENCES jobs(id),
  note TEXT NOT NULL,
  UNIQUE (deployment, schedule, planned_at)
) STRICT;
INSERT INTO new_schedule_runs
  SELECT r.id, k.id, r.schedule, r.planned_at, r.decided_at, r.outcome, r.job, r.note
  FROM schedule_runs r JOIN known k ON k.name = r.deployment;
DROP TABLE schedule_runs;
ALTER TABLE new_schedule_runs RENAME TO schedule_runs;

DROP INDEX one_live_job;
DROP INDEX jobs_by_deployment;
ALTER TABLE jobs RENAME COLUMN deployment TO old;
ALTER TABLE jobs ADD COLUMN deployment INTEGER NOT NULL DEFAULT 0 REFERENCES known(id);
UPDATE jobs SET deployment = (SELECT id FROM known WHERE name = old);
ALTER TABLE jobs DROP COLUMN old;
CREATE UNIQUE INDEX one_live_job ON jobs (deployment) WHERE live = 1;
CREATE INDEX jobs_by_deployment ON jobs (deployment, id);

DROP INDEX backups_by_deployment;
ALTER TABLE backups RENAME COLUMN deployment TO old;
ALTER TABLE backups ADD COLUMN deployment INTEGER NOT NULL DEFAULT 0 REFERENCES known(id);
UPDATE backups SET deployment = (SELECT id FROM known WHERE name = old);
ALTER TABLE backups DROP COLUMN old;
CREATE INDEX backups_by_deployment ON backups (deployment, made_at);

ALTER TABLE set_asides RENAME COLUMN deployment TO old;
ALTER TABLE set_asides ADD COLUMN deployment INTEGER NOT NULL DEFAULT 0 REFERENCES known(id);
UPDATE set_asides SET deployment = (SELECT id FROM known WHERE name = old);
ALTER TABLE set_asides DROP COLUMN old;

DROP TABLE deployments;
ALTER TABLE known RENAME TO deployments;
