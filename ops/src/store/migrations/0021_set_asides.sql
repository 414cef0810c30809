-- Which Neo4j had the data open last (domain::set_aside::LastRun); empty where an older console did not note it.
ALTER TABLE set_asides ADD COLUMN last_run TEXT NOT NULL DEFAULT '';
