-- Uploaded as a bare dump: of data that may be of any age and any server, so it is never taken for the deployment's newest backup.
ALTER TABLE backups ADD COLUMN uploaded_dump INTEGER NOT NULL DEFAULT 0;
