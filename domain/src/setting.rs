//! `NEO4J_*` variables and the settings they become (facts §2.3, §2.8).

/// Variables the image's entrypoint keeps for itself (facts §2.3).
const NOT_SETTINGS: [&str; 10] = [
    "NEO4J_ACCEPT_LICENSE_AGREEMENT",
    "NEO4J_AUTH",
    "NEO4J_AUTH_PATH",
    "NEO4J_DEBUG",
    "NEO4J_EDITION",
    "NEO4J_HOME",
    "NEO4J_PLUGINS",
    "NEO4J_SHA256",
    "NEO4J_TARBALL",
    "NEO4J_DEPRECATION_WARNING",
];

/// First parts of a setting's name that Neo4j 5 and later accept.
const KNOWN_STARTS: [&str; 10] = ["dbms.", "db.", "browser.", "server.", "internal.", "client.", "initial.", "fabric.", "gds.", "apoc."];

/// 4.4 names that Neo4j 5 still maps, and what they are called now.
const RENAMED: [(&str, &str); 16] = [
    ("dbms.memory.heap.initial_size", "server.memory.heap.initial_size"),
    ("dbms.memory.heap.max_size", "server.memory.heap.max_size"),
    ("dbms.memory.pagecache.", "server.memory.pagecache."),
    ("dbms.memory.transaction.global_max_size", "dbms.memory.transaction.total.max"),
    ("dbms.memory.transaction.database_max_size", "db.memory.transaction.total.max"),
    ("dbms.memory.transaction.max_size", "db.memory.transaction.max"),
    ("dbms.memory.off_heap.", "server.memory.off_heap."),
    ("dbms.connector.", "server."),
    ("dbms.default_listen_address", "server.default_listen_address"),
    ("dbms.default_advertised_address", "server.default_advertised_address"),
    ("dbms.directories.", "server.directories."),
    ("dbms.default_database", "initial.dbms.default_database"),
    ("dbms.tx_log.", "db.tx_log."),
    ("dbms.checkpoint", "db.checkpoint"),
    ("dbms.jvm.additional", "server.jvm.additional"),
    ("dbms.config.strict_validation", "server.config.strict_validation.enabled"),
];

/// What a variable of the container means to Neo4j 5 and later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// Not Neo4j's, or one the entrypoint keeps for itself.
    NotASetting,
    Setting(String),
    /// A 4.x name; still mapped, with the name to use now.
    Deprecated {
        setting: String,
        now: String,
    },
    /// Will stop the start of Neo4j 5+ (strict validation): `NEO4J_USER`, `NEO4J_PORT_7474_TCP`, ….
    Unknown(String),
    /// Its name contains dots: bash does not import it, Neo4j never sees it.
    Ignored,
}

/// `NEO4J_server_memory_heap_max__size` → `server.memory.heap.max_size`.
pub fn setting_of(variable: &str) -> Option<String> {
    let rest = variable.strip_prefix("NEO4J_")?;
    Some(rest.replace('_', ".").replace("..", "_"))
}

pub fn classify(variable: &str) -> Variable {
    if NOT_SETTINGS.contains(&variable) || (variable.starts_with("NEO4J_") && variable.ends_with("_FILE")) {
        return Variable::NotASetting;
    }
    let Some(setting) = setting_of(variable) else { return Variable::NotASetting };
    if variable.contains('.') {
        return Variable::Ignored;
    }
    if let Some((old, new)) = RENAMED.iter().find(|(old, _)| setting.starts_with(old)) {
        return Variable::Deprecated { now: setting.replacen(old, new, 1), setting };
    }
    if KNOWN_STARTS.iter().any(|start| setting.starts_with(start)) { Variable::Setting(setting) } else { Variable::Unknown(setting) }
}

/// Whether a variable's or setting's value must not be shown or stored in the clear.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "neo4j_auth" || ["password", "secret", "token", "credential", "private_key", "private__key"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_become_settings_as_the_entrypoint_makes_them() {
        assert_eq!(setting_of("NEO4J_server_memory_heap_max__size").as_deref(), Some("server.memory.heap.max_size"));
        assert_eq!(setting_of("NEO4J_db_tx__log_rotation_retention__policy").as_deref(), Some("db.tx_log.rotation.retention_policy"));
        assert_eq!(setting_of("PATH"), None);
    }

    #[test]
    fn each_kind_of_variable_is_told_apart() {
        assert_eq!(classify("NEO4J_AUTH"), Variable::NotASetting);
        assert_eq!(classify("NEO4J_AUTH_FILE"), Variable::NotASetting);
        assert_eq!(classify("SERVICE_PASSWORD_NEO4J"), Variable::NotASetting);
        assert_eq!(classify("NEO4J_server_bolt_enabled"), Variable::Setting("server.bolt.enabled".into()));
        assert_eq!(classify("NEO4J_apoc_export_file_enabled"), Variable::Setting("apoc.export.file.enabled".into()));
        assert_eq!(classify("NEO4J_server.bolt.enabled"), Variable::Ignored);
        assert_eq!(classify("NEO4J_USER"), Variable::Unknown("USER".into()));
        assert_eq!(classify("NEO4J_PORT_7474_TCP"), Variable::Unknown("PORT.7474.TCP".into()));
        assert_eq!(
            classify("NEO4J_dbms_memory_heap_max__size"),
            Variable::Deprecated { setting: "dbms.memory.heap.max_size".into(), now: "server.memory.heap.max_size".into() }
        );
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in ["NEO4J_AUTH", "NEO4J_dbms_security_ldap_authorization_system__password", "AWS_SECRET_KEY"] {
            assert!(is_secret(name), "{name}");
        }
        assert!(!is_secret("NEO4J_PLUGINS"));
    }
}
