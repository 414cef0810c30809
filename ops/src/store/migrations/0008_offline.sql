-- What a job has stopped, and how to leave it (domain::offline::Window), as JSON; gone with the job's end.
CREATE TABLE offline_windows (job INTEGER PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE, window TEXT NOT NULL) STRICT;
-- Where it lies below .neo4j-console in the data volume; empty for what was set aside before this column: there the name follows from the job.
ALTER TABLE set_asides ADD COLUMN directory TEXT NOT NULL DEFAULT '';
