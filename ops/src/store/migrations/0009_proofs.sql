-- What was counted on a copy of the backup (domain::backup::Proof), as JSON; absent until one was made.
ALTER TABLE backups ADD COLUMN proof TEXT;
