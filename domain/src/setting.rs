//! `NEO4J_*` variables and the settings they become (docs/neo4j-facts.md: Variables).

use crate::near_miss::nearest;

/// Variables the image's entrypoint keeps for itself (docs/neo4j-facts.md: Variables).
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
const KNOWN_STARTS: [&str; 10] =
    ["dbms.", "db.", "browser.", "server.", "internal.", "client.", "initial.", "fabric.", "gds.", "apoc."];

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

/// What a variable of a Neo4j container is.
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
    if KNOWN_STARTS.iter().any(|start| setting.starts_with(start)) {
        Variable::Setting(setting)
    } else {
        Variable::Unknown(setting)
    }
}

/// Names of the entrypoint's own variables that say nothing private.
const ALSO_PLAIN: [&str; 6] =
    ["TZ", "NEO4J_ACCEPT_LICENSE_AGREEMENT", "NEO4J_DEBUG", "NEO4J_EDITION", "NEO4J_HOME", "NEO4J_PLUGINS"];
const SECRET_WORDS: [&str; 8] =
    ["password", "passphrase", "secret", "token", "credential", "private_key", "api_key", "access_key"];
/// In a value, before what must not be read: `-Djavax.net.ssl.trustStorePassword=…`,
/// `jdbc:mysql://host/db?user=me&pwd=…`.
const SECRET_VALUES: [&str; 6] = ["password=", "passwd=", "passphrase=", "pwd=", "secret=", "token="];

/// Whether a variable of a container may stand in a manifest as it is: only what is known to be Neo4j's and carries no
/// credential. A container has the variables of others, too: Coolify gives each one all of its project.
pub fn is_plain_variable(name: &str, value: &str) -> bool {
    if ALSO_PLAIN.contains(&name) {
        return true;
    }
    match classify(name) {
        Variable::Setting(setting) | Variable::Deprecated { setting, .. } => is_plain(&setting, value),
        Variable::NotASetting | Variable::Unknown(_) | Variable::Ignored => false,
    }
}

/// What to say of a setting that the version to come does not know. `running`: those of the server that runs.
pub fn about_unknown(setting: &str, running: &[String]) -> Option<String> {
    if running.iter().any(|name| name == setting) {
        return Some(format!("{setting} is a setting of the version that runs now; the new one has it no more."));
    }
    let meant = nearest(setting, running.iter().map(String::as_str))?;
    Some(format!("Instead of {setting}, did you mean {meant}?"))
}

/// Whether a line of a configuration file may be kept as it is.
pub fn is_plain(setting: &str, value: &str) -> bool {
    let setting = setting.trim().to_ascii_lowercase();
    let named_secret =
        SECRET_WORDS.iter().any(|word| setting.contains(word) || setting.contains(&word.replace('_', ".")))
            || setting.ends_with("key");
    KNOWN_STARTS.iter().any(|start| setting.starts_with(start)) && !named_secret && !carries_credential(value)
}

fn carries_credential(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    SECRET_VALUES.iter().any(|word| value.contains(word)) || value.split("://").skip(1).any(has_user_info)
}

/// `user:password@` before the host ends.
fn has_user_info(after_the_scheme: &str) -> bool {
    let authority = after_the_scheme.split(['/', '?', '#', ' ', ',']).next().unwrap_or_default();
    authority.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_become_settings_as_the_entrypoint_makes_them() {
        assert_eq!(setting_of("NEO4J_server_memory_heap_max__size").as_deref(), Some("server.memory.heap.max_size"));
        assert_eq!(
            setting_of("NEO4J_db_tx__log_rotation_retention__policy").as_deref(),
            Some("db.tx_log.rotation.retention_policy")
        );
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
            Variable::Deprecated {
                setting: "dbms.memory.heap.max_size".into(),
                now: "server.memory.heap.max_size".into()
            }
        );
    }

    #[test]
    fn a_setting_that_is_gone_is_told_from_one_that_never_was() {
        let running = ["server.memory.heap.max_size".to_owned(), "dbms.logs.http.enabled".to_owned()];
        let about = |name| about_unknown(name, &running);
        assert!(about("dbms.logs.http.enabled").is_some_and(|says| says.contains("has it no more")));
        assert!(
            about("server.memory.heap.max_sizes")
                .is_some_and(|says| says.contains("mean server.memory.heap.max_size?"))
        );
        assert_eq!(about("something.else"), None);
    }

    #[test]
    fn only_neo4js_own_settings_without_a_credential_are_plain() {
        let plain = [
            ("NEO4J_server_memory_heap_max__size", "1g"),
            ("NEO4J_dbms_memory_heap_max__size", "1g"),
            ("NEO4J_dbms_security_auth__enabled", "true"),
            ("NEO4J_server_bolt_advertised__address", "graph.example.com:7687"),
            ("NEO4J_PLUGINS", "[\"apoc\"]"),
            ("TZ", "Europe/Berlin"),
        ];
        for (name, value) in plain {
            assert!(is_plain_variable(name, value), "{name}");
        }
        let of_others = [
            ("NEO4J_AUTH", "neo4j/owls"),
            ("NEO4J_USER", "neo4j"),
            ("OPENAI_API_KEY", "sk-1"),
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("SMTP_PASS", "owls"),
            ("DATABASE_URL", "postgres://me:owls@db/shop"),
            ("REDIS_URL", "redis://cache"),
            ("COOLIFY_FQDN", "graph.example.com"),
            ("NEO4J_dbms_security_ldap_authorization_system__password", "owls"),
            ("NEO4J_dbms_ssl_policy_bolt_private__key__password", "owls"),
            ("NEO4J_apoc_jdbc_shop_url", "jdbc:mysql://me:owls@db/shop"),
            ("NEO4J_apoc_jdbc_shop_url", "jdbc:mysql://db/shop?user=me&Password=owls"),
            ("NEO4J_apoc_ml_openai_api_key", "sk-1"),
            ("NEO4J_server_jvm_additional", "-Djavax.net.ssl.trustStorePassword=owls"),
        ];
        for (name, value) in of_others {
            assert!(!is_plain_variable(name, value), "{name}={value}");
        }
    }
}
