//! Fields that starting a backup and planning one share.

use super::field::{CheckboxGroup, Choice, choice};
use super::form::Form;
use super::place::place;
use domain::backup::{BackupEstimate, Kind};
use domain::target::Target;
use leptos::prelude::*;

/// The ways to dump, and which of them the last run could take. Also where a schedule is made.
pub fn kinds(outlook: Option<&BackupEstimate>) -> Vec<Choice> {
    let seen = match outlook {
        Some(o) if !o.how.is_empty() => format!("The last time: {}", o.how),
        _ => {
            "On XFS and btrfs Neo4j starts again before the dumps are made. Elsewhere it stays stopped until they are \
             written; the first run finds out."
                .into()
        }
    };
    vec![
        choice(Kind::Dump.as_str(), "Offline as short as the disk allows", seen),
        choice(
            Kind::OfflineDump.as_str(),
            "Offline until the dumps are written",
            "Needs no space for a clone in the data volume, and memory for one Neo4j only.",
        ),
        choice(
            Kind::ShortOutageDump.as_str(),
            "Short outage only, otherwise fail",
            "Where the data volume cannot clone files it fails before anything stops.",
        ),
    ]
}

/// Also where a backup is started by hand. None chosen is the console's own.
pub fn target_boxes(targets: &[Target], chosen: Vec<String>, form: Form) -> AnyView {
    let picked = if chosen.is_empty() { vec!["local".to_string()] } else { chosen };
    let options: Vec<Choice> =
        targets.iter().map(|t| choice(t.name.to_string(), t.name.to_string(), place(&t.place))).collect();
    view! { <CheckboxGroup form name="targets" label="Targets" options picked/> }.into_any()
}
