//! Memory of a deployment, as a plan: heap, page cache, the limit of transactions and that of the container.

#[cfg(test)]
mod tests;
mod variables;

use super::{Basis, Difference, Kind, Plan};
use crate::Invalid;
use crate::container::Container;
use crate::image::Version;
use crate::memory::{Fit, Memory, parse_size};
use crate::text::memory_size;
use serde::{Deserialize, Serialize};
use variables::{EXIT_ON_OUT_OF_MEMORY, Names, words};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
/// Below this a size is a typing mistake.
const LEAST_HEAP: u64 = 32 * MIB;
/// Of Neo4j (docs/neo4j-facts.md: Memory).
const LEAST_PAGE_CACHE: u64 = 8 * MIB;
const LEAST_TRANSACTIONS: u64 = 10 * MIB;
/// Up to here the JVM's pointers are compressed: a little more heap holds less.
const COMPRESSED: u64 = 31 * GIB;

/// What to do with the container's limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitWanted {
    #[default]
    Keep,
    Unlimited,
    Bytes(u64),
}

/// The sizes somebody asks for, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryWanted {
    /// Initial and largest at once.
    pub heap: u64,
    pub page_cache: u64,
    pub limit: LimitWanted,
    /// Of all transactions together; 0 is no limit, `None` leaves it as it is.
    pub transaction_total: Option<u64>,
    /// Whether the JVM ends when its heap is full, so that the restart policy starts it again. `None` leaves it as it
    /// is.
    pub exit_on_out_of_memory: Option<bool>,
}

impl MemoryWanted {
    /// From what a person or a program wrote, for example `600m` and `4g`. An empty limit is kept as it is, `none`
    /// takes it away.
    ///
    /// # Errors
    /// With the field.
    pub fn parse(
        heap: &str,
        page_cache: &str,
        limit: &str,
        transaction_total: &str,
        exit_on_out_of_memory: Option<bool>,
    ) -> Result<Self, Invalid> {
        Ok(Self {
            heap: size("heap", heap)?,
            page_cache: size("page_cache", page_cache)?,
            limit: match limit.trim() {
                "" => LimitWanted::Keep,
                none if none.eq_ignore_ascii_case("none") => LimitWanted::Unlimited,
                bytes => LimitWanted::Bytes(size("limit", bytes)?),
            },
            transaction_total: match transaction_total.trim() {
                "" => None,
                bytes => Some(size("transaction_total", bytes)?),
            },
            exit_on_out_of_memory,
        })
    }

    /// The container's limit afterwards; `None` is none.
    pub const fn limit_after(&self, now: Option<u64>) -> Option<u64> {
        match self.limit {
            LimitWanted::Keep => now,
            LimitWanted::Unlimited => None,
            LimitWanted::Bytes(bytes) => Some(bytes),
        }
    }
}

/// A size as somebody writes it: `600m`.
pub(crate) fn size(field: &str, text: &str) -> Result<u64, Invalid> {
    parse_size(text).ok_or_else(|| Invalid::new(field, "Write a size, for example 600m or 4g."))
}

/// What a container is told now. `None`: it is told nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryValues {
    pub heap: Option<u64>,
    pub page_cache: Option<u64>,
    pub limit: Option<u64>,
    pub transaction_total: Option<u64>,
    pub exit_on_out_of_memory: bool,
}

impl MemoryValues {
    /// By its variables, else as the server tells (a configuration file may say it).
    pub fn of(container: &Container, version: Option<Version>, told: &Memory) -> Self {
        let names = Names::of(version);
        let sized = |setting| names.value(container, setting).and_then(parse_size);
        Self {
            heap: sized(names.heap_max).or(told.heap),
            page_cache: sized(names.page_cache).or(told.page_cache),
            limit: container.memory_limit,
            transaction_total: sized(names.transaction_total),
            exit_on_out_of_memory: names
                .value(container, names.jvm)
                .is_some_and(|value| words(value).any(|w| w == EXIT_ON_OUT_OF_MEMORY)),
        }
    }
}

/// The plan that gives a deployment these sizes. `host`: bytes of the Docker host, where it told.
///
/// # Errors
/// What does not fit, with its field.
pub fn plan_memory(
    now: &Container,
    version: Option<Version>,
    host: Option<u64>,
    wanted: &MemoryWanted,
) -> Result<Plan, Invalid> {
    let names = Names::of(version);
    let limit = wanted.limit_after(now.memory_limit);
    let mut warnings = check(wanted, limit, host)?;
    if !now.run.is_running() {
        warnings.push(format!("{} does not run now. It is started with the change.", now.name));
    }
    let mut differences = names.differences(now, wanted)?;
    if limit != now.memory_limit {
        differences.push(Difference::MemoryLimit { before: now.memory_limit, after: limit });
    }
    Ok(Plan {
        kind: Kind::Memory,
        summary: summary(wanted, limit),
        differences,
        warnings,
        brings_back: None,
        basis: Basis::of(now),
    })
}

fn summary(wanted: &MemoryWanted, limit: Option<u64>) -> String {
    format!(
        "Heap {}, page cache {}, {}",
        memory_size(wanted.heap),
        memory_size(wanted.page_cache),
        limit.map_or("no limit".into(), |limit| format!("limit {}", memory_size(limit)))
    )
}

/// Warnings; an error for what cannot work.
fn check(wanted: &MemoryWanted, limit: Option<u64>, host: Option<u64>) -> Result<Vec<String>, Invalid> {
    sizes_make_sense(wanted)?;
    if let (Some(limit), Some(host)) = (limit, host)
        && limit > host
    {
        return Err(Invalid::new(
            "limit",
            format!("The Docker host has {} in all. Choose a smaller limit.", memory_size(host)),
        ));
    }
    let mut warnings = vec![];
    if let Some(available) = limit.or(host) {
        let of = if limit.is_some() { "the limit" } else { "the Docker host's memory" };
        match Fit::of(wanted.heap, wanted.page_cache, available) {
            Fit::Fits => {}
            Fit::Tight { percent } => warnings.push(format!(
                "Heap and page cache are {percent}\u{202f}% of {of}. The JVM needs memory besides, and the kernel \
                 ends Neo4j when there is none."
            )),
            Fit::TooMuch => return Err(too_much(wanted, available, of)),
        }
    }
    if limit.is_none() {
        warnings.push("Without a limit Neo4j competes with everything else on the Docker host for memory.".into());
    }
    if wanted.heap > COMPRESSED {
        warnings.push(
            "Above 31\u{202f}GiB of heap the JVM's pointers are twice as long, so that a little more heap holds less."
                .into(),
        );
    }
    Ok(warnings)
}

fn sizes_make_sense(wanted: &MemoryWanted) -> Result<(), Invalid> {
    let least = |field, bytes, least| match bytes < least {
        true => Err(Invalid::new(field, format!("Write at least {}, for example 600m or 4g.", memory_size(least)))),
        false => Ok(()),
    };
    least("heap", wanted.heap, LEAST_HEAP)?;
    least("page_cache", wanted.page_cache, LEAST_PAGE_CACHE)?;
    let Some(total) = wanted.transaction_total.filter(|total| *total > 0) else { return Ok(()) };
    least("transaction_total", total, LEAST_TRANSACTIONS)?;
    if total > wanted.heap {
        return Err(Invalid::new(
            "transaction_total",
            "Transactions live in the heap: write less than the heap, or 0.",
        ));
    }
    Ok(())
}

fn too_much(wanted: &MemoryWanted, available: u64, of: &str) -> Invalid {
    let (field, what) = match wanted.heap >= available {
        true => ("heap", format!("The heap alone ({})", memory_size(wanted.heap))),
        false => {
            let both = wanted.heap.saturating_add(wanted.page_cache);
            ("page_cache", format!("Heap and page cache together ({})", memory_size(both)))
        }
    };
    Invalid::new(
        field,
        format!("{what} must stay below {of} ({}), with room for the JVM besides.", memory_size(available)),
    )
}
