//! What the console asks Neo4j.

use crate::cypher::Statement;

/// Asked of `system`: version, edition, databases. Cheap.
pub const IDENTITY: Statement =
    Statement::fixed("CALL dbms.components() YIELD name, versions, edition RETURN versions[0] AS version, edition");
/// Asked of `system`: all databases with state, store format and the id of the store.
pub const DATABASES: Statement = Statement::fixed(
    "SHOW DATABASES YIELD name, requestedStatus, currentStatus, statusMessage, default, store, databaseID \
     RETURN name, requestedStatus, currentStatus, statusMessage, default, store, databaseID AS id",
);
/// The sizes of heap and page cache, as they are configured.
pub const MEMORY: Statement = Statement::fixed(
    "SHOW SETTINGS YIELD name, value WHERE name IN ['server.memory.heap.max_size', 'server.memory.pagecache.size'] \
     RETURN name, value",
);
/// All settings as they are in effect; some hundred rows. Secret ones are masked by Neo4j.
pub const SETTINGS: Statement = Statement::fixed("SHOW SETTINGS YIELD name, value RETURN name, value");
/// Names of all procedures, those of plugins too.
pub const PROCEDURES: Statement = Statement::fixed("SHOW PROCEDURES YIELD name RETURN name ORDER BY name");
/// Names of all functions, those of plugins too.
pub const FUNCTIONS: Statement = Statement::fixed("SHOW FUNCTIONS YIELD name RETURN name ORDER BY name");
/// Connections over Bolt (docs/neo4j-facts.md: Counts).
pub const CONNECTIONS: Statement = Statement::fixed(
    "CALL dbms.listConnections() YIELD connector, username, userAgent, clientAddress WHERE connector = 'bolt' \
     RETURN username, userAgent, clientAddress",
);
/// The server's own clock, at the moment when it answers. The word before it tells it from other answers.
pub const CLOCK: Statement = Statement::fixed("RETURN 'clock ' + toString(datetime.realtime().epochMillis) AS clock");
/// Names of the Neo4j users.
pub const USERS: Statement = Statement::fixed("SHOW USERS YIELD user RETURN user ORDER BY user");
/// From the count store: cheap on any size. The inner query answers also where there is no relationship at all.
pub const TOTALS: Statement = Statement::fixed(
    "MATCH (n) WITH count(n) AS nodes CALL { MATCH ()-[r]->() RETURN count(r) AS relationships } RETURN nodes, \
     relationships",
);
/// All counts in one call, from the count store (docs/neo4j-facts.md: Counts).
pub const COUNTS: Statement = Statement::fixed(
    "CALL db.stats.retrieve('GRAPH COUNTS') YIELD data \
     UNWIND [n IN data.nodes | ['node', n.label, n.count]] + \
     [r IN data.relationships WHERE r.startLabel IS NULL AND r.endLabel IS NULL | ['relationship', r.relationshipType, \
     r.count]] AS row \
     RETURN row[0] AS kind, row[1] AS name, row[2] AS count",
);
/// Statements that make the indexes again, without those of constraints and the token lookup indexes.
pub const INDEXES: Statement = Statement::fixed(
    "SHOW INDEXES YIELD createStatement, owningConstraint, type WHERE owningConstraint IS NULL AND type <> 'LOOKUP' \
     RETURN createStatement AS statement ORDER BY statement",
);
/// Statements that make the constraints again.
pub const CONSTRAINTS: Statement =
    Statement::fixed("SHOW CONSTRAINTS YIELD createStatement RETURN createStatement AS statement ORDER BY statement");
/// What is asked of one user database for a manifest, in the order in which it is read.
pub const CONTENT: [Statement; 3] = [COUNTS, INDEXES, CONSTRAINTS];
