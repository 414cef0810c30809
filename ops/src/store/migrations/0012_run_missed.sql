-- Who wants to hear of missing backups wants to hear of these two kinds, which are younger than the channel (domain::alarm::event::Kind).
UPDATE channels SET terms = json_insert(terms, '$.events[#]', 'data_replaced')
  WHERE 'overdue' IN (SELECT value FROM json_each(terms, '$.events')) AND 'data_replaced' NOT IN (SELECT value FROM json_each(terms, '$.events'));
UPDATE channels SET terms = json_insert(terms, '$.events[#]', 'run_missed')
  WHERE 'overdue' IN (SELECT value FROM json_each(terms, '$.events')) AND 'run_missed' NOT IN (SELECT value FROM json_each(terms, '$.events'));
