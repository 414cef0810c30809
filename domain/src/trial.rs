//! What a scratch server of another image is tried with: what of a deployment decides how its data and queries fare.
//! The rest concerns the network, memory, sign-in or places of the real server; Neo4j's own check of the settings sees
//! all of it.

use crate::container::{Container, Mount};
use crate::setting::{Variable, classify};

/// Beginnings of the settings that are taken over.
const TRIED: [&str; 6] = ["db.", "dbms.cypher.", "dbms.security.procedures.", "server.jvm.additional", "gds.", "apoc."];

const PLUGINS: &str = "NEO4J_PLUGINS";
/// Where they lie when they are mounted.
const PLUGINS_AT: &str = "/plugins";
/// Those an image brings along; others are downloaded at the start, which needs a network (docs/neo4j-facts.md:
/// Plugins).
const OF_IMAGE: &str = "apoc";

/// Where the procedures of plugins that are downloaded have their names.
const NAMESPACES: [(&str, &str); 5] = [
    ("graph-data-science", "gds."),
    ("n10s", "n10s."),
    ("genai", "genai."),
    ("bloom", "bloom."),
    ("apoc-extended", "apoc."),
];

/// Measured with 5.26.5 and `NEO4J_AUTH=none`.
const WITH_SIGN_IN: [&str; 2] = ["dbms.showCurrentUser", "dbms.security."];

/// The plugins that a deployment has, as far as a server without a network can have them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plugins {
    /// The variable for the image, if it names any that the image brings along.
    pub variable: Option<(String, String)>,
    /// Or the files it has mounted. Not both: the image would replace files there.
    pub mount: Option<Mount>,
    /// Those that cannot be tried.
    pub untried: Vec<String>,
}

impl Plugins {
    /// Of a container.
    pub fn of(container: &Container) -> Self {
        let named = container.env_value(PLUGINS).and_then(|text| serde_json::from_str::<Vec<String>>(text).ok());
        let Some(named) = named.filter(|all| !all.is_empty()) else {
            return Self { mount: container.mount_at(PLUGINS_AT).cloned(), ..Self::default() };
        };
        let (tried, untried): (Vec<String>, Vec<String>) = named.into_iter().partition(|name| name == OF_IMAGE);
        let variable = (!tried.is_empty()).then(|| (PLUGINS.into(), format!("[\"{OF_IMAGE}\"]")));
        Self { variable, mount: None, untried }
    }

    /// Whether a server without a network says nothing of a procedure of this name: it belongs to a plugin that is not
    /// tried, or is there only where people sign in.
    pub fn cannot_tell(&self, procedure: &str) -> bool {
        let of = |(plugin, start): &(&str, &str)| {
            procedure.starts_with(start) && self.untried.iter().any(|name| name == plugin)
        };
        NAMESPACES.iter().any(of) || WITH_SIGN_IN.iter().any(|start| procedure.starts_with(start))
    }
}

/// Those of a server's variables that a scratch server is given. `variables`: without what is or may be secret.
pub fn tried(variables: Vec<(String, String)>) -> Vec<(String, String)> {
    let is_tried = |(name, value): &(String, String)| {
        let setting = match classify(name) {
            Variable::Setting(setting) => setting,
            Variable::Deprecated { now, .. } => now,
            Variable::NotASetting | Variable::Unknown(_) | Variable::Ignored => return false,
        };
        // An agent is a file that may not be there; memory is bounded beside the live server.
        let of_the_host = value.contains("agent") || value.contains("-Xm") || setting.contains(".memory.");
        TRIED.iter().any(|start| setting.starts_with(start)) && !of_the_host
    };
    variables.into_iter().filter(is_tried).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::tests::sample;

    fn with_plugins(plugins: &str) -> Plugins {
        let mut container = sample();
        container.env.push((PLUGINS.into(), plugins.into()));
        Plugins::of(&container)
    }

    #[test]
    fn a_server_without_a_network_gets_the_plugins_of_its_image() {
        let plugins = with_plugins(r#"["apoc","graph-data-science"]"#);
        assert_eq!(plugins.variable, Some((PLUGINS.into(), r#"["apoc"]"#.into())));
        assert_eq!((plugins.untried.as_slice(), &plugins.mount), (&["graph-data-science".to_owned()][..], &None));
        assert!(plugins.cannot_tell("gds.version") && !plugins.cannot_tell("apoc.help"));
        let downloaded = with_plugins(r#"["n10s"]"#);
        assert_eq!(downloaded.variable, None);
        // Not a list: the image takes it for none, too.
        assert_eq!(with_plugins("apoc"), Plugins::of(&sample()));
    }

    #[test]
    fn only_settings_of_data_and_queries_are_tried() {
        let variables = [
            ("NEO4J_db_tx__timeout", "10s"),
            ("NEO4J_dbms_security_procedures_unrestricted", "apoc.*"),
            ("NEO4J_server_jvm_additional", "-XX:+UseG1GC"),
            ("NEO4J_dbms_ssl_policy_bolt_enabled", "true"),
            ("NEO4J_server_http_enabled", "false"),
            ("NEO4J_server_memory_heap_max__size", "8g"),
            ("NEO4J_db_memory_transaction_max", "8g"),
            ("NEO4J_server_directories_data", "/elsewhere"),
            ("NEO4J_AUTH", "none"),
        ];
        let all = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let names: Vec<String> = tried(all).into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            ["NEO4J_db_tx__timeout", "NEO4J_dbms_security_procedures_unrestricted", "NEO4J_server_jvm_additional"]
        );
        let agent = ("NEO4J_server_jvm_additional".to_owned(), "-javaagent:/opt/jmx.jar".to_owned());
        assert_eq!(tried(vec![agent]), vec![]);
    }
}
