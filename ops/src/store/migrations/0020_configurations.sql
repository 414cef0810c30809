-- What the console knows a deployment's container to be set to (domain::change::Configuration). Secret values are signed, not kept.
CREATE TABLE configurations (
  deployment INTEGER PRIMARY KEY REFERENCES adoptions(deployment) ON DELETE CASCADE,
  configuration TEXT NOT NULL,
  known_at INTEGER NOT NULL
) STRICT;
