-- What a job is about and which schedule asked for it, for those who look for jobs: its parameters are its own.
ALTER TABLE jobs ADD COLUMN backup TEXT;
ALTER TABLE jobs ADD COLUMN schedule TEXT;
UPDATE jobs SET backup = json_extract(params, '$.backup'), schedule = json_extract(params, '$.schedule');
