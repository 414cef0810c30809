CREATE TABLE targets (
  name TEXT PRIMARY KEY,
  place TEXT NOT NULL,
  -- The keys of an S3 store as JSON, sealed.
  sealed_keys TEXT,
  created_at INTEGER NOT NULL
) STRICT;

-- One backup on one target. Written when it was read back, or when it could not be.
CREATE TABLE backup_copies (
  backup TEXT NOT NULL REFERENCES backups(id) ON DELETE CASCADE,
  target TEXT NOT NULL,
  state TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  problem TEXT,
  checked_at INTEGER NOT NULL,
  PRIMARY KEY (backup, target)
) STRICT;
CREATE INDEX backup_copies_by_target ON backup_copies (target, state);

INSERT INTO backup_copies (backup, target, state, bytes, problem, checked_at)
  SELECT id, 'local', CASE state WHEN 'verified' THEN 'verified' ELSE 'failed' END, bytes, problem, verified_at FROM backups;
