-- What a rehearsal tries on both versions (domain::probe_query).
CREATE TABLE probe_queries (
  deployment INTEGER NOT NULL REFERENCES adoptions(deployment) ON DELETE CASCADE,
  name TEXT NOT NULL,
  database TEXT NOT NULL,
  query TEXT NOT NULL,
  PRIMARY KEY (deployment, name)
) STRICT, WITHOUT ROWID;
