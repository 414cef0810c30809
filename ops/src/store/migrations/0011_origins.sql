-- Whether this console made the backup (domain::backup::Origin). A bare dump was uploaded for a deployment that somebody chose.
ALTER TABLE backups ADD COLUMN origin TEXT NOT NULL DEFAULT 'own';
UPDATE backups SET origin = 'accepted' WHERE uploaded_dump = 1;
ALTER TABLE backups DROP COLUMN uploaded_dump;
