-- Identity of the store a backup is of (domain::backup::Manifest::store); empty where it is not known.
ALTER TABLE backups ADD COLUMN store TEXT NOT NULL DEFAULT '';
-- When somebody said that the present data is the right one; backups of other data made before that are judged by the rules alone.
ALTER TABLE deployments ADD COLUMN data_accepted_at INTEGER NOT NULL DEFAULT 0;
