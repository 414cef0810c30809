-- A database as the console of schema 15 left it: sales with its schedules, two backups, four jobs; a member, a token, a target.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE console (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO console VALUES('instance','b58532308369b132');
INSERT INTO console VALUES('schedules looked at','1769922000000');
CREATE TABLE members (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0,
  epoch INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  last_sign_in INTEGER
) STRICT;
INSERT INTO members VALUES(1,'ana','admin','$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',0,1,1700000000000,NULL);
CREATE TABLE sign_in_failures (subject TEXT PRIMARY KEY, failures INTEGER NOT NULL, last_at INTEGER NOT NULL) STRICT;
CREATE TABLE tokens (
  id INTEGER PRIMARY KEY,
  member INTEGER NOT NULL REFERENCES members(id),
  label TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
, expires_at INTEGER NOT NULL DEFAULT 0, last_used INTEGER, last_address TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO tokens VALUES(1,1,'ci','aa',1700000000000,1900000000000,NULL,'');
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  via TEXT NOT NULL,
  address TEXT NOT NULL,
  act TEXT NOT NULL,
  target TEXT NOT NULL,
  outcome TEXT NOT NULL,
  detail TEXT NOT NULL
, link TEXT NOT NULL DEFAULT '', seal TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO audit VALUES(100,1769824800000,'retention','schedule','','prune backup','sales-20260124T013000Z-55','done','daily keeps 7 days; this one is past that.','0327addb5cd06e4c95d69ec71a2de3878de07c5c0ac907364577408dee74dbe9','3d28c584241982b8b2e474e16abc5bb9e04f3f08cfde2c828fae8150d2d84964');
INSERT INTO audit VALUES(101,1769909400000,'schedule daily','schedule','','start scheduled backup','sales','done','','6756a0d82f8a22de729278b988d5bb5b6afcd07ba699ea638fa679a72993d999','81c85dee7c3d5b97630c68369a9e2f0358f717f43da3b9ab40b8d8423c7325e6');
INSERT INTO audit VALUES(102,1769911200000,'retention','schedule','','clean up old backups','sales','done','','3844ec0a1dc615e877691cec658912ceee5ad385e27f6ac4aa0e546766822fbd','dd19034f90e4dae5d006788f98870a0f1ee153909dfbdd7ae2153900222141a4');
INSERT INTO audit VALUES(103,1769911200000,'retention','schedule','','prune backup','sales-20260125T013000Z-57','done','daily keeps 7 days; this one is past that.','51ea29c3c68fcc09feadefc096d04fbc3257692433e6751f932bb5d3d376497c','be8fd29077e570103e5f6f2a231a92e61543889c3ee3b91b08a19db889bccf82');
INSERT INTO audit VALUES(104,1769916600000,'schedule weekly','schedule','','start scheduled backup','sales','done','','9ba1028c65f2892876efe67e09a7416d9f67517074fe817fcf63ca64ad4d3e65','c4932bc028c7693c29b420828887b893260fa36ae7ef5aa4faa0e49a0301bca1');
INSERT INTO audit VALUES(105,1769918400000,'retention','schedule','','clean up old backups','sales','done','','0fd26258944542e6b29d21f8fd37f83d4d8ec936cc2b224cd3d197ca8a6d2e8b','d61bd3a85db43304650ad9c93b2ec6cfc119abfdfada30c63a6b11f913ee9728');
INSERT INTO audit VALUES(106,1769920200000,'schedule monthly','schedule','','start scheduled backup','sales','done','','a0189124d1c028dd0d584ae7da575045c4aa5236f83d6404b994ff32133bd70f','5d6f4144a0fb6b691498dc8489487e69b8671603e33e2975faed7353e28ef709');
CREATE TABLE deployments (
  name TEXT PRIMARY KEY,
  container TEXT NOT NULL UNIQUE,
  neo4j_user TEXT NOT NULL,
  sealed_password TEXT NOT NULL,
  adopted_at INTEGER NOT NULL
, data_accepted_at INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO deployments VALUES('sales','sales','neo4j','727718ac.GgIaXIkgOCZ4DyCdTeGYy5YRQBISHhlvY2p2DmBXLIdaBuHooVE74rs/2OW/Zp9X6lr+lco',1795000000000,0);
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  deployment TEXT NOT NULL,
  state TEXT NOT NULL,
  live INTEGER NOT NULL,
  cancel INTEGER NOT NULL DEFAULT 0,
  params TEXT NOT NULL,
  work TEXT NOT NULL DEFAULT '{}',
  by TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  problem TEXT,
  outcome TEXT
) STRICT;
INSERT INTO jobs VALUES(74,'prune','sales','succeeded',0,0,'{}','{"found":["sales-20260125T013000Z-57"]}','retention','',1769911200000,1769911200000,1769911200000,NULL,'{"removed":1}');
INSERT INTO jobs VALUES(75,'backup','sales','succeeded',0,0,'{"schedule":"weekly","targets":[],"kind":"dump"}','{"manifest":{"format":1,"id":"sales-20260201T033000Z-75","deployment":"sales","made_at":"2026-02-01T03:30:00.500Z","kind":"dump","how":"Neo4j stays stopped until the dumps are written: the data volume cannot clone files (Operation not supported).","by":"schedule weekly","reason":"","console_version":"0.1.0","version":{"major":5,"minor":26,"patch":5},"edition":"community","image":"neo4j:5.26.5-community","image_id":"sha256:neo4j","image_digest":null,"container":"sales","env":[{"name":"NEO4J_AUTH","sealed":"727718ac.6FOyeHghLsRqyYntgP7VYenV7gH+CzFAdbuQLZTWgqkrKZOU1RX3kX7Zs1dsNS0XM7WhmAdsgOlhAL8"}],"plugins":[],"databases":[{"database":"neo4j","store_format":"record-aligned-1.1","store_id":"store of sales-data","nodes":3,"relationships":2,"labels":[{"name":"Person","count":3}],"types":[{"name":"KNOWS","count":2}],"indexes":[],"constraints":[]}],"counted_at":"2026-02-01T03:30:00.500Z","neo4j_users":["neo4j"],"parts":[{"name":"dumps/neo4j.dump","bytes":110,"sha256":"e20429558aaf88ed11d6e6f76b9052e5deb23d9b7221637db5c288065e332916"},{"name":"dumps/system.dump","bytes":131,"sha256":"1731e89b6e68fb4d7fa4e92bd9365dbb58fcdd2e29bdc4590454b8dd00625066"},{"name":"RESTORE.md","bytes":2947,"sha256":"77a074f90ea4f3862981f9bb7f1099ef70bdf4c7855891d8a21f21507b416358"}],"offline_ms":0,"duration_ms":0},"manifest_sha256":"f5c5dd95dd17f0bee7a326257fa5e70fbe770ce308b44ffd43dbdacf27ff9412","fares":[{"target":"local","problem":null,"encrypted":null}]}','schedule weekly','',1769916600000,1769916600000,1769916600500,NULL,'{"backup":"sales-20260201T033000Z-75","nodes":3,"relationships":2,"bytes":3188,"offline_ms":0}');
INSERT INTO jobs VALUES(76,'prune','sales','succeeded',0,0,'{}','{"found":[]}','retention','',1769918400000,1769918400000,1769918400000,NULL,'{"removed":0}');
INSERT INTO jobs VALUES(77,'backup','sales','succeeded',0,0,'{"schedule":"monthly","targets":[],"kind":"dump"}','{"manifest":{"format":1,"id":"sales-20260201T043000Z-77","deployment":"sales","made_at":"2026-02-01T04:30:00.500Z","kind":"dump","how":"Neo4j stays stopped until the dumps are written: the data volume cannot clone files (Operation not supported).","by":"schedule monthly","reason":"","console_version":"0.1.0","version":{"major":5,"minor":26,"patch":5},"edition":"community","image":"neo4j:5.26.5-community","image_id":"sha256:neo4j","image_digest":null,"container":"sales","env":[{"name":"NEO4J_AUTH","sealed":"727718ac.J1OysQA5FGha2jk1eC7gL2RLh057pfW6VDR0pAjjYRwhKO5ENkIgbt7SktsoESVtDbgwupcgoC305j4"}],"plugins":[],"databases":[{"database":"neo4j","store_format":"record-aligned-1.1","store_id":"store of sales-data","nodes":3,"relationships":2,"labels":[{"name":"Person","count":3}],"types":[{"name":"KNOWS","count":2}],"indexes":[],"constraints":[]}],"counted_at":"2026-02-01T04:30:00.500Z","neo4j_users":["neo4j"],"parts":[{"name":"dumps/neo4j.dump","bytes":110,"sha256":"e20429558aaf88ed11d6e6f76b9052e5deb23d9b7221637db5c288065e332916"},{"name":"dumps/system.dump","bytes":131,"sha256":"1731e89b6e68fb4d7fa4e92bd9365dbb58fcdd2e29bdc4590454b8dd00625066"},{"name":"RESTORE.md","bytes":2948,"sha256":"8812dd18e2f6d44f94b12917932e226c4380a1f6453ecf3bec1ec44fb011a3a6"}],"offline_ms":500,"duration_ms":1000},"manifest_sha256":"3a261ec532bc40de72f8deaaecd35d4d05a029d43373fad72dad321b9d408305","fares":[{"target":"local","problem":null,"encrypted":null}]}','schedule monthly','',1769920200000,1769920200000,1769920201500,NULL,'{"backup":"sales-20260201T043000Z-77","nodes":3,"relationships":2,"bytes":3189,"offline_ms":500}');
CREATE TABLE job_marks (
  id INTEGER PRIMARY KEY,
  job INTEGER NOT NULL REFERENCES jobs(id),
  step TEXT NOT NULL,
  mark TEXT NOT NULL,
  at INTEGER NOT NULL,
  detail TEXT NOT NULL
) STRICT;
INSERT INTO job_marks VALUES(809,74,'check','started',1769911200000,'');
INSERT INTO job_marks VALUES(810,74,'check','succeeded',1769911200000,'1 of 13 backups may go.');
INSERT INTO job_marks VALUES(811,74,'remove','started',1769911200000,'');
INSERT INTO job_marks VALUES(812,74,'remove','succeeded',1769911200000,'1 backup removed.');
INSERT INTO job_marks VALUES(813,74,'orphans','started',1769911200000,'');
INSERT INTO job_marks VALUES(814,74,'orphans','succeeded',1769911200000,'local: it and the list agree.');
INSERT INTO job_marks VALUES(815,75,'check','started',1769916600000,'');
INSERT INTO job_marks VALUES(816,75,'check','succeeded',1769916600500,'3 nodes, 2 relationships, 1 kB on disk. Neo4j stays stopped until the dumps are written: the data volume cannot clone files (Operation not supported).');
INSERT INTO job_marks VALUES(817,75,'prepare','started',1769916600500,'');
INSERT INTO job_marks VALUES(818,75,'prepare','succeeded',1769916600500,'The dump will be written as 7474:7474 with the server''s own image.');
INSERT INTO job_marks VALUES(819,75,'stop','started',1769916600500,'');
INSERT INTO job_marks VALUES(820,75,'stop','succeeded',1769916600500,'Stopped by itself, no recovery needed.');
INSERT INTO job_marks VALUES(821,75,'dump','started',1769916600500,'');
INSERT INTO job_marks VALUES(822,75,'dump','succeeded',1769916600500,'');
INSERT INTO job_marks VALUES(823,75,'start','started',1769916600500,'');
INSERT INTO job_marks VALUES(824,75,'start','succeeded',1769916600500,'Neo4j runs again and answers.');
INSERT INTO job_marks VALUES(825,75,'copy','started',1769916600500,'');
INSERT INTO job_marks VALUES(826,75,'copy','succeeded',1769916600500,'3.2 kB. On local.');
INSERT INTO job_marks VALUES(827,75,'verify','started',1769916600500,'');
INSERT INTO job_marks VALUES(828,75,'verify','succeeded',1769916600500,'Read back, every sha256 equal, the dumps unpack to their end. On local.');
INSERT INTO job_marks VALUES(829,75,'clean','started',1769916600500,'');
INSERT INTO job_marks VALUES(830,75,'clean','succeeded',1769916600500,'');
INSERT INTO job_marks VALUES(831,76,'check','started',1769918400000,'');
INSERT INTO job_marks VALUES(832,76,'check','succeeded',1769918400000,'0 of 13 backups may go.');
INSERT INTO job_marks VALUES(833,76,'remove','started',1769918400000,'');
INSERT INTO job_marks VALUES(834,76,'remove','succeeded',1769918400000,'0 backups removed.');
INSERT INTO job_marks VALUES(835,76,'orphans','started',1769918400000,'');
INSERT INTO job_marks VALUES(836,76,'orphans','succeeded',1769918400000,'local: it and the list agree.');
INSERT INTO job_marks VALUES(837,77,'check','started',1769920200000,'');
INSERT INTO job_marks VALUES(838,77,'check','succeeded',1769920201000,'3 nodes, 2 relationships, 1 kB on disk. Neo4j stays stopped until the dumps are written: the data volume cannot clone files (Operation not supported).');
INSERT INTO job_marks VALUES(839,77,'prepare','started',1769920201000,'');
INSERT INTO job_marks VALUES(840,77,'prepare','succeeded',1769920201000,'The dump will be written as 7474:7474 with the server''s own image.');
INSERT INTO job_marks VALUES(841,77,'stop','started',1769920201000,'');
INSERT INTO job_marks VALUES(842,77,'stop','succeeded',1769920201000,'Stopped by itself, no recovery needed.');
INSERT INTO job_marks VALUES(843,77,'dump','started',1769920201000,'');
INSERT INTO job_marks VALUES(844,77,'dump','succeeded',1769920201500,'');
INSERT INTO job_marks VALUES(845,77,'start','started',1769920201500,'');
INSERT INTO job_marks VALUES(846,77,'start','succeeded',1769920201500,'Neo4j runs again and answers.');
INSERT INTO job_marks VALUES(847,77,'copy','started',1769920201500,'');
INSERT INTO job_marks VALUES(848,77,'copy','succeeded',1769920201500,'3.2 kB. On local.');
INSERT INTO job_marks VALUES(849,77,'verify','started',1769920201500,'');
INSERT INTO job_marks VALUES(850,77,'verify','succeeded',1769920201500,'Read back, every sha256 equal, the dumps unpack to their end. On local.');
INSERT INTO job_marks VALUES(851,77,'clean','started',1769920201500,'');
INSERT INTO job_marks VALUES(852,77,'clean','succeeded',1769920201500,'');
CREATE TABLE job_progress (job INTEGER PRIMARY KEY REFERENCES jobs(id), progress TEXT NOT NULL) STRICT;
CREATE TABLE job_log (id INTEGER PRIMARY KEY, job INTEGER NOT NULL REFERENCES jobs(id), at INTEGER NOT NULL, tone TEXT, line TEXT NOT NULL) STRICT;
INSERT INTO job_log VALUES(210,74,1769911200000,NULL,'sales-20260125T013000Z-57: daily keeps 7 days; this one is past that.');
INSERT INTO job_log VALUES(211,75,1769916600500,NULL,'no cp: failed to clone ''/volume/b'' from ''/volume/a'': Operation not supported');
INSERT INTO job_log VALUES(212,75,1769916600500,NULL,'yes');
INSERT INTO job_log VALUES(213,75,1769916600500,NULL,'Stop requested, waiting up to 2 min');
INSERT INTO job_log VALUES(214,75,1769916600500,NULL,'dumps/neo4j.dump to local: 110 B');
INSERT INTO job_log VALUES(215,75,1769916600500,NULL,'dumps/system.dump to local: 131 B');
INSERT INTO job_log VALUES(216,77,1769920200500,NULL,'no cp: failed to clone ''/volume/b'' from ''/volume/a'': Operation not supported');
INSERT INTO job_log VALUES(217,77,1769920201000,NULL,'yes');
INSERT INTO job_log VALUES(218,77,1769920201000,NULL,'Stop requested, waiting up to 2 min');
INSERT INTO job_log VALUES(219,77,1769920201500,NULL,'dumps/neo4j.dump to local: 110 B');
INSERT INTO job_log VALUES(220,77,1769920201500,NULL,'dumps/system.dump to local: 131 B');
CREATE TABLE backups (
  id TEXT PRIMARY KEY,
  deployment TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  problem TEXT,
  verified_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  nodes INTEGER NOT NULL,
  by TEXT NOT NULL,
  reason TEXT NOT NULL,
  version TEXT NOT NULL,
  offline_ms INTEGER NOT NULL,
  manifest_sha256 TEXT NOT NULL,
  manifest TEXT NOT NULL
, schedule TEXT, pinned INTEGER NOT NULL DEFAULT 0, proof TEXT, store TEXT NOT NULL DEFAULT '', origin TEXT NOT NULL DEFAULT 'own') STRICT;
INSERT INTO backups VALUES('sales-20260201T033000Z-75','sales',1769916600500,'verified',NULL,1769916600500,3188,3,'schedule weekly','','5.26.5',0,'f5c5dd95dd17f0bee7a326257fa5e70fbe770ce308b44ffd43dbdacf27ff9412','{"format":1,"id":"sales-20260201T033000Z-75","deployment":"sales","made_at":"2026-02-01T03:30:00.500Z","kind":"dump","how":"Neo4j stays stopped until the dumps are written: the data volume cannot clone files (Operation not supported).","by":"schedule weekly","reason":"","console_version":"0.1.0","version":{"major":5,"minor":26,"patch":5},"edition":"community","image":"neo4j:5.26.5-community","image_id":"sha256:neo4j","image_digest":null,"container":"sales","env":[{"name":"NEO4J_AUTH","sealed":"727718ac.6FOyeHghLsRqyYntgP7VYenV7gH+CzFAdbuQLZTWgqkrKZOU1RX3kX7Zs1dsNS0XM7WhmAdsgOlhAL8"}],"plugins":[],"databases":[{"database":"neo4j","store_format":"record-aligned-1.1","store_id":"store of sales-data","nodes":3,"relationships":2,"labels":[{"name":"Person","count":3}],"types":[{"name":"KNOWS","count":2}],"indexes":[],"constraints":[]}],"counted_at":"2026-02-01T03:30:00.500Z","neo4j_users":["neo4j"],"parts":[{"name":"dumps/neo4j.dump","bytes":110,"sha256":"e20429558aaf88ed11d6e6f76b9052e5deb23d9b7221637db5c288065e332916"},{"name":"dumps/system.dump","bytes":131,"sha256":"1731e89b6e68fb4d7fa4e92bd9365dbb58fcdd2e29bdc4590454b8dd00625066"},{"name":"RESTORE.md","bytes":2947,"sha256":"77a074f90ea4f3862981f9bb7f1099ef70bdf4c7855891d8a21f21507b416358"}],"offline_ms":0,"duration_ms":0}','weekly',0,NULL,'store of sales-data','own');
INSERT INTO backups VALUES('sales-20260201T043000Z-77','sales',1769920200500,'verified',NULL,1769920201500,3189,3,'schedule monthly','','5.26.5',500,'3a261ec532bc40de72f8deaaecd35d4d05a029d43373fad72dad321b9d408305','{"format":1,"id":"sales-20260201T043000Z-77","deployment":"sales","made_at":"2026-02-01T04:30:00.500Z","kind":"dump","how":"Neo4j stays stopped until the dumps are written: the data volume cannot clone files (Operation not supported).","by":"schedule monthly","reason":"","console_version":"0.1.0","version":{"major":5,"minor":26,"patch":5},"edition":"community","image":"neo4j:5.26.5-community","image_id":"sha256:neo4j","image_digest":null,"container":"sales","env":[{"name":"NEO4J_AUTH","sealed":"727718ac.J1OysQA5FGha2jk1eC7gL2RLh057pfW6VDR0pAjjYRwhKO5ENkIgbt7SktsoESVtDbgwupcgoC305j4"}],"plugins":[],"databases":[{"database":"neo4j","store_format":"record-aligned-1.1","store_id":"store of sales-data","nodes":3,"relationships":2,"labels":[{"name":"Person","count":3}],"types":[{"name":"KNOWS","count":2}],"indexes":[],"constraints":[]}],"counted_at":"2026-02-01T04:30:00.500Z","neo4j_users":["neo4j"],"parts":[{"name":"dumps/neo4j.dump","bytes":110,"sha256":"e20429558aaf88ed11d6e6f76b9052e5deb23d9b7221637db5c288065e332916"},{"name":"dumps/system.dump","bytes":131,"sha256":"1731e89b6e68fb4d7fa4e92bd9365dbb58fcdd2e29bdc4590454b8dd00625066"},{"name":"RESTORE.md","bytes":2948,"sha256":"8812dd18e2f6d44f94b12917932e226c4380a1f6453ecf3bec1ec44fb011a3a6"}],"offline_ms":500,"duration_ms":1000}','monthly',0,NULL,'store of sales-data','own');
CREATE TABLE set_asides (
  job INTEGER PRIMARY KEY REFERENCES jobs(id),
  deployment TEXT NOT NULL,
  databases TEXT NOT NULL,
  made_at INTEGER NOT NULL
, directory TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE targets (
  name TEXT PRIMARY KEY,
  place TEXT NOT NULL,
  -- The keys of an S3 store as JSON, sealed.
  sealed_keys TEXT,
  created_at INTEGER NOT NULL
, recipients TEXT NOT NULL DEFAULT '[]') STRICT;
INSERT INTO targets VALUES('nas','{"kind":"directory","path":"/backups/nas","mounted":true}',NULL,1700000000000,'[]');
CREATE TABLE backup_copies (
  backup TEXT NOT NULL REFERENCES backups(id) ON DELETE CASCADE,
  target TEXT NOT NULL,
  state TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  problem TEXT,
  checked_at INTEGER NOT NULL, encrypted TEXT,
  PRIMARY KEY (backup, target)
) STRICT;
INSERT INTO backup_copies VALUES('sales-20260201T033000Z-75','local','verified',3188,NULL,1769916600500,NULL);
INSERT INTO backup_copies VALUES('sales-20260201T043000Z-77','local','verified',3189,NULL,1769920201500,NULL);
CREATE TABLE schedules (
  deployment TEXT NOT NULL REFERENCES deployments(name) ON DELETE CASCADE,
  name TEXT NOT NULL,
  cron TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  targets TEXT NOT NULL,
  kind TEXT NOT NULL,
  keep_days INTEGER,
  keep_count INTEGER,
  paused INTEGER NOT NULL DEFAULT 0,
  jitter_minutes INTEGER NOT NULL DEFAULT 0,
  since INTEGER NOT NULL,
  PRIMARY KEY (deployment, name)
) STRICT;
INSERT INTO schedules VALUES('sales','daily','30 2 * * *','Europe/Berlin','[]','dump',7,NULL,0,0,1767225600000);
INSERT INTO schedules VALUES('sales','weekly','15 4 * * SUN','Europe/Berlin','[]','dump',30,NULL,0,0,1767225600000);
INSERT INTO schedules VALUES('sales','monthly','15 5 1 * *','Europe/Berlin','[]','dump',90,NULL,0,0,1767225600000);
CREATE TABLE schedule_runs (
  id INTEGER PRIMARY KEY,
  deployment TEXT NOT NULL,
  schedule TEXT NOT NULL,
  planned_at INTEGER NOT NULL,
  decided_at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  job INTEGER REFERENCES jobs(id),
  note TEXT NOT NULL,
  UNIQUE (deployment, schedule, planned_at)
) STRICT;
INSERT INTO schedule_runs VALUES(38,'sales','weekly',1769915700000,1769916600000,'ran',75,'');
INSERT INTO schedule_runs VALUES(39,'sales','monthly',1769919300000,1769920200000,'ran',77,'');
CREATE TABLE channels (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  shown TEXT NOT NULL,
  sealed TEXT NOT NULL,
  terms TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  recipient TEXT NOT NULL,
  event TEXT NOT NULL,
  at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'waiting',
  tried_at INTEGER,
  problem TEXT,
  next_at INTEGER NOT NULL
) STRICT;
CREATE TABLE alarms (
  kind TEXT NOT NULL,
  deployment TEXT NOT NULL REFERENCES deployments(name) ON DELETE CASCADE,
  since INTEGER NOT NULL,
  told_at INTEGER,
  told_level TEXT,
  PRIMARY KEY (kind, deployment)
) STRICT;
CREATE TABLE watches (
  deployment TEXT PRIMARY KEY REFERENCES deployments(name) ON DELETE CASCADE,
  allowance_hours INTEGER NOT NULL,
  repeat_hours INTEGER NOT NULL,
  ping_shown TEXT,
  ping_sealed TEXT
) STRICT;
CREATE TABLE job_ends (id INTEGER PRIMARY KEY AUTOINCREMENT, job INTEGER NOT NULL REFERENCES jobs(id), state TEXT NOT NULL) STRICT;
CREATE TABLE drill_plans (
  deployment TEXT PRIMARY KEY REFERENCES deployments(name) ON DELETE CASCADE,
  every_days INTEGER NOT NULL
) STRICT;
CREATE TABLE offline_windows (job INTEGER PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE, window TEXT NOT NULL) STRICT;
CREATE TABLE known_networks (account TEXT NOT NULL, network TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (account, network)) STRICT;
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('jobs',77);
INSERT INTO sqlite_sequence VALUES('job_ends',77);
CREATE UNIQUE INDEX one_live_job ON jobs (deployment) WHERE live = 1;
CREATE INDEX jobs_by_deployment ON jobs (deployment, id);
CREATE INDEX job_marks_by_job ON job_marks (job, id);
CREATE INDEX job_log_by_job ON job_log (job, id);
CREATE INDEX backups_by_deployment ON backups (deployment, made_at);
CREATE INDEX backup_copies_by_target ON backup_copies (target, state);
CREATE INDEX deliveries_by_recipient ON deliveries (recipient, id);
CREATE INDEX deliveries_waiting ON deliveries (recipient, id) WHERE state = 'waiting';
CREATE TRIGGER job_ended AFTER UPDATE OF state ON jobs
WHEN new.state <> old.state AND new.state NOT IN ('queued', 'running')
BEGIN
  INSERT INTO job_ends (job, state) VALUES (new.id, new.state);
END;
CREATE INDEX backup_copies_by_check ON backup_copies (checked_at);
CREATE INDEX sign_in_failures_by_time ON sign_in_failures (last_at);
CREATE TRIGGER audit_is_written_once BEFORE UPDATE OF id, at, who, via, address, act, target ON audit
BEGIN SELECT RAISE(ABORT, 'entries of the audit log are written once'); END;
CREATE TRIGGER audit_ends_once BEFORE UPDATE OF outcome, detail ON audit WHEN OLD.outcome <> 'begun'
BEGIN SELECT RAISE(ABORT, 'entries of the audit log end once'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'entries of the audit log are kept'); END;
COMMIT;
PRAGMA user_version = 15;
