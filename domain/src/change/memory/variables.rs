//! The variables of a container that say how much memory Neo4j takes, by version.

use super::{Difference, MemoryWanted};
use crate::Invalid;
use crate::container::Container;
use crate::image::Version;
use crate::memory::{exact, parse_size};
use crate::setting::{Variable, classify, is_plain_variable};

/// A word of the JVM's options.
pub const EXIT_ON_OUT_OF_MEMORY: &str = "-XX:+ExitOnOutOfMemoryError";

/// Names of variables (docs/neo4j-facts.md: Memory).
pub struct Names {
    pub heap_initial: &'static str,
    pub heap_max: &'static str,
    pub page_cache: &'static str,
    pub transaction_total: &'static str,
    pub jvm: &'static str,
    /// The names of 4.4 mean something to this version, and are taken away.
    replaces_older: bool,
}

const OF_4_4: Names = Names {
    heap_initial: "NEO4J_dbms_memory_heap_initial__size",
    heap_max: "NEO4J_dbms_memory_heap_max__size",
    page_cache: "NEO4J_dbms_memory_pagecache_size",
    transaction_total: "NEO4J_dbms_memory_transaction_global__max__size",
    jvm: "NEO4J_dbms_jvm_additional",
    replaces_older: false,
};

const SINCE_5: Names = Names {
    heap_initial: "NEO4J_server_memory_heap_initial__size",
    heap_max: "NEO4J_server_memory_heap_max__size",
    page_cache: "NEO4J_server_memory_pagecache_size",
    transaction_total: "NEO4J_dbms_memory_transaction_total_max",
    jvm: "NEO4J_server_jvm_additional",
    replaces_older: true,
};

/// Words of a value that holds several options.
pub fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split_whitespace()
}

impl Names {
    /// An unknown version is taken for one of today.
    pub fn of(version: Option<Version>) -> &'static Self {
        if version.is_some_and(|version| version.major < 5) { &OF_4_4 } else { &SINCE_5 }
    }

    const fn all(&self) -> [&'static str; 5] {
        [self.heap_initial, self.heap_max, self.page_cache, self.transaction_total, self.jvm]
    }

    /// What the container is told, also under the older name.
    pub fn value<'a>(&self, container: &'a Container, name: &str) -> Option<&'a str> {
        container.env_value(name).or_else(|| {
            let older = older_name(name).filter(|_| self.replaces_older)?;
            container.env_value(older)
        })
    }

    /// What differs between the container and what is wanted of Neo4j.
    pub fn differences(&self, now: &Container, wanted: &MemoryWanted) -> Result<Vec<Difference>, Invalid> {
        self.not_in_files(now)?;
        let sizes = [
            (self.heap_initial, Some(wanted.heap)),
            (self.heap_max, Some(wanted.heap)),
            (self.page_cache, Some(wanted.page_cache)),
            (self.transaction_total, wanted.transaction_total),
        ];
        let mut all: Vec<Difference> = sizes
            .into_iter()
            .filter_map(|(name, bytes)| self.sized(now, name, bytes))
            .chain(self.options(now, wanted.exit_on_out_of_memory)?)
            .collect();
        if self.replaces_older {
            let older = self.all().into_iter().filter_map(older_name);
            all.extend(older.filter_map(|name| {
                let before = Some(now.env_value(name)?.to_string());
                Some(Difference::Variable { name: name.into(), before, after: None })
            }));
        }
        Ok(all)
    }

    /// A variable whose value is in a file wins over a plain one (docs/neo4j-facts.md: Entrypoint).
    fn not_in_files(&self, now: &Container) -> Result<(), Invalid> {
        let fields = ["heap", "heap", "page_cache", "transaction_total", "exit_on_out_of_memory"];
        for (name, field) in self.all().into_iter().zip(fields) {
            let file = format!("{name}_FILE");
            if now.env_value(&file).is_some() {
                let why = format!("{file} says it, from a file in the container. Remove that variable first.");
                return Err(Invalid::new(field, why));
            }
        }
        Ok(())
    }

    /// One that is not asked for keeps its value, under the name of today.
    fn sized(&self, now: &Container, name: &str, bytes: Option<u64>) -> Option<Difference> {
        let before = now.env_value(name);
        let after = match bytes {
            Some(bytes) if before.and_then(parse_size) == Some(bytes) => return None,
            Some(bytes) => exact(bytes),
            None if before.is_some() => return None,
            None => self.value(now, name)?.to_string(),
        };
        Some(Difference::Variable { name: name.into(), before: before.map(str::to_owned), after: Some(after) })
    }

    fn options(&self, now: &Container, exit: Option<bool>) -> Result<Option<Difference>, Invalid> {
        let (before, value) = (now.env_value(self.jvm), self.value(now, self.jvm).unwrap_or_default());
        let has = words(value).any(|word| word == EXIT_ON_OUT_OF_MEMORY);
        let moves = before.is_none() && !value.is_empty();
        let exit = exit.unwrap_or(has);
        if exit == has && !moves {
            return Ok(None);
        }
        if !value.is_empty() && !is_plain_variable(self.jvm, value) {
            let why = format!("{} may hold a secret, so the console does not rewrite it. Change it by hand.", self.jvm);
            return Err(Invalid::new("exit_on_out_of_memory", why));
        }
        let other = words(value).filter(|word| *word != EXIT_ON_OUT_OF_MEMORY);
        let after: Vec<&str> = other.chain(exit.then_some(EXIT_ON_OUT_OF_MEMORY)).collect();
        let after = (!after.is_empty()).then(|| after.join(" "));
        Ok(Some(Difference::Variable { name: self.jvm.into(), before: before.map(str::to_owned), after }))
    }
}

/// What 4.4 called it, if that still means the same to a later version.
fn older_name(name: &str) -> Option<&'static str> {
    let position = SINCE_5.all().into_iter().position(|one| one == name)?;
    let older = OF_4_4.all()[position];
    matches!(classify(older), Variable::Deprecated { .. }).then_some(older)
}
