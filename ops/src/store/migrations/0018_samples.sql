-- Figures over time, for charts. `at` is the beginning of a minute (domain::sample).
CREATE TABLE samples (
  deployment INTEGER NOT NULL REFERENCES adoptions(deployment) ON DELETE CASCADE,
  metric TEXT NOT NULL,
  at INTEGER NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (deployment, metric, at)
) STRICT, WITHOUT ROWID;
