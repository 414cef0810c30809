-- Counts are by other subjects now (domain::throttle); those of before last a day at most.
DELETE FROM sign_in_failures;
CREATE INDEX sign_in_failures_by_time ON sign_in_failures (last_at);
-- From where an account signed in, and when last.
CREATE TABLE known_networks (account TEXT NOT NULL, network TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (account, network)) STRICT;
