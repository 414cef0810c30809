-- How often a deployment is drilled; absent: the default. 0 days leave it to people.
CREATE TABLE drill_plans (
  deployment TEXT PRIMARY KEY REFERENCES deployments(name) ON DELETE CASCADE,
  every_days INTEGER NOT NULL
) STRICT;
-- What was not read back for longest.
CREATE INDEX backup_copies_by_check ON backup_copies (checked_at);
