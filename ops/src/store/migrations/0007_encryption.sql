-- Public keys (age) that copies on the target are encrypted to, as a JSON list; empty: they are not.
ALTER TABLE targets ADD COLUMN recipients TEXT NOT NULL DEFAULT '[]';
-- The copy's encrypted.json; absent when the copy is not encrypted.
ALTER TABLE backup_copies ADD COLUMN encrypted TEXT;
