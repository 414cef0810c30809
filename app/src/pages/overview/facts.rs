//! The facts of a deployment in words.

use crate::components::card::{code, facts, known, words};
use crate::components::status::status;
use crate::components::table::{cell, table};
use domain::container::{MountSource, Owner, RunState};
use domain::memory::Memory;
use domain::overview::Overview;
use domain::text::{Tone, ago, duration, file_size, memory_size};
use islands::Copyable;
use leptos::prelude::*;

/// “Neo4j 5.26.5 community · up 23 days · owned by Coolify”
pub fn sentence(o: &Overview) -> String {
    let server = &o.seen.server;
    let version = server.version.map_or_else(
        || "Neo4j, version unknown".to_string(),
        |v| format!("Neo4j {v} {}", server.edition.map(domain::image::Edition::as_str).unwrap_or_default()),
    );
    let up = o.seen.container.as_ref().map_or_else(
        || "no container".to_string(),
        |c| match (&c.run, c.started_at) {
            (RunState::Running, Some(at)) => format!("up {}", duration((o.now - at).num_seconds().max(0) as u64)),
            (RunState::Running, None) => "running".into(),
            (RunState::Stopped { exit_code, .. }, _) => format!("stopped with exit code {exit_code}"),
            (RunState::Restarting, _) => "restarting".into(),
            (RunState::Paused, _) => "paused".into(),
            (RunState::Created, _) => "never started".into(),
        },
    );
    format!("{} · {up} · {}", version.trim_end(), owner(o.owner.as_ref()))
}

fn owner(owner: Option<&Owner>) -> String {
    match owner {
        None => "owner unknown".into(),
        Some(Owner::Console) => "made by this console".into(),
        Some(Owner::Compose(project)) => format!("Compose project {project}"),
        Some(Owner::Coolify(resource)) => format!("owned by Coolify ({resource})"),
        Some(Owner::Docker) => "run by hand".into(),
    }
}

/// What is configured against the container's limit.
pub fn memory_sentence(memory: &Memory) -> String {
    match (memory.configured(), memory.limit) {
        (Some(used), Some(limit)) if used >= limit => {
            format!(
                "Heap and page cache together ({}) do not fit the limit of {}.",
                memory_size(used),
                memory_size(limit)
            )
        }
        (Some(used), Some(limit)) => {
            format!("Heap and page cache take {} of the container’s {}.", memory_size(used), memory_size(limit))
        }
        (_, Some(limit)) => format!("The container may use {}.", memory_size(limit)),
        (_, None) => "The container has no memory limit: it may take all the machine has.".into(),
    }
}

/// The disk the data lies on, as a bar with words; says so when it was not measured yet.
pub fn disk(o: &Overview) -> AnyView {
    let Some(room) = o.seen.room else {
        return view! { <p class="quiet-text">"Not measured yet. It is measured while the container runs."</p> }
            .into_any();
    };
    let used = room.total.saturating_sub(room.free);
    let percent = (used * 100).checked_div(room.total).unwrap_or(0);
    let at = o.seen.room_at.map(|at| format!("Measured {}.", ago(at, o.now))).unwrap_or_default();
    view! {
        <progress class="progress" value=percent.to_string() max="100" aria-label="Disk used">{format!("{percent}\u{202f}%")}</progress>
        <p class="small">{format!("The data takes {}. Of the disk’s {}, {} are free.", file_size(room.used), file_size(room.total), file_size(room.free))}</p>
        <p class="small quiet-text">{at}</p>
    }
    .into_any()
}

/// Image, owner, ports, volumes and networks; only names while there is no container.
pub fn identity(o: &Overview) -> AnyView {
    let Some(c) = &o.seen.container else {
        return facts(vec![
            ("Container", words(o.container_name.clone())),
            ("Neo4j user", words(o.neo4j_user.clone())),
            ("Environment", words(o.environment.words())),
        ]);
    };
    let digest = c
        .image_digest
        .clone()
        .map_or_else(|| known(None), |d| view! { <Copyable text=d label="Copy digest".into()/> }.into_any());
    let stop = c.stop_timeout.map_or_else(|| "Docker’s 10 s".to_string(), |s| format!("{s} s"));
    let ports: Vec<String> = c
        .ports
        .iter()
        .map(|p| {
            p.host.as_ref().map_or_else(
                || format!("{} inside only", p.container),
                |h| format!("{} on {}:{}", p.container, h.address, h.port),
            )
        })
        .collect();
    let volumes: Vec<_> = c
        .mounts
        .iter()
        .map(|m| {
            let kind = match m.source {
                MountSource::Volume(_) => "volume",
                MountSource::Bind(_) => "directory",
                MountSource::Other(_) => "mount",
            };
            view! { <div>{code(m.at.clone())}{format!(" {kind} {}", m.source_name())}</div> }
        })
        .collect();
    facts(vec![
        ("Image", view! { <Copyable text=c.image.clone() label="Copy image".into()/> }.into_any()),
        ("Digest", digest),
        ("Container", view! { <span class="mono">{c.name.clone()}</span> }.into_any()),
        ("Owner", words(owner(o.owner.as_ref()))),
        ("Neo4j user", words(o.neo4j_user.clone())),
        ("Environment", words(o.environment.words())),
        ("Stop time", words(stop)),
        ("Ports", words(if ports.is_empty() { "none".into() } else { ports.join(", ") })),
        ("Volumes", volumes.into_any()),
        ("Networks", words(c.networks.iter().map(|n| n.name.clone()).collect::<Vec<_>>().join(", "))),
    ])
}

/// The databases with state and store format, as Neo4j told them; nothing known until it answers.
pub fn databases(o: &Overview) -> AnyView {
    let list = &o.seen.server.databases;
    if list.is_empty() {
        return view! { <div class="body"><p class="quiet-text">"Unknown until Neo4j answers."</p></div> }.into_any();
    }
    let rows = list
        .iter()
        .map(|d| {
            let tone = if d.status == "online" { Tone::Good } else { Tone::Warn };
            let note = d.default.then(|| view! { <span class="sub">"default"</span> });
            view! {
                <tr><th scope="row">{d.name.clone()}{note}</th>{cell("State", "", status(tone, d.status.clone()))}{cell("Store format", "", known(d.store.clone()))}</tr>
            }
            .into_any()
        })
        .collect();
    table(&[("Database", ""), ("State", ""), ("Store format", "")], rows)
}
