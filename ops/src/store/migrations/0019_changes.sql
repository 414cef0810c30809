-- Changes of deployments: planned ones, and with a job those that were applied or tried (domain::change).
CREATE TABLE changes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  deployment INTEGER NOT NULL REFERENCES deployments(id),
  kind TEXT NOT NULL,
  -- JSON, as its digest was made from. Never changed.
  plan TEXT NOT NULL,
  digest TEXT NOT NULL,
  by TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  reverts INTEGER REFERENCES changes(id),
  job INTEGER UNIQUE REFERENCES jobs(id),
  -- Id of the container that the change took out of service, until it is removed.
  replaced TEXT
) STRICT;
CREATE INDEX changes_of_deployment ON changes (deployment, id);
