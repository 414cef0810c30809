//! The stages of the picture “How it is connected”: ports → container → volumes → backups.

use crate::components::topology::{Node, Stage};
use domain::container::{Container, Port};
use domain::overview::Overview;
use domain::text::{Tone, ago, plural};

/// The four stages. Without a container ports and volumes are empty.
pub fn stages(o: &Overview) -> Vec<Stage> {
    let base = format!("/deployments/{}", o.name);
    let container = o.seen.container.as_ref();
    vec![
        Stage { title: "Ports", boxes: container.map(|c| ports(c, &base)).unwrap_or_default() },
        Stage { title: "Container", boxes: vec![itself(o, &base)] },
        Stage { title: "Volumes", boxes: container.map(|c| volumes(c, &base)).unwrap_or_default() },
        Stage { title: "Backups", boxes: vec![backups(o, &base)] },
    ]
}

fn node(to: String, icon: &'static str, tone: Tone, name: impl Into<String>, about: impl Into<String>) -> Node {
    Node { to, icon, tone, name: name.into(), about: about.into(), off: false }
}

fn ports(c: &Container, base: &str) -> Vec<Node> {
    let mut list: Vec<&Port> = c.ports.iter().collect();
    list.sort_by_key(|p| p.container);
    list.dedup_by_key(|p| p.container);
    list.into_iter()
        .map(|p| {
            let name = match p.container {
                7474 => "7474 HTTP".into(),
                7687 => "7687 Bolt".into(),
                7473 => "7473 HTTPS".into(),
                other => other.to_string(),
            };
            let to = format!("{base}#identity");
            match &p.host {
                None => node(to, "plug", Tone::Good, name, "inside only"),
                Some(h) if h.open_to_the_world() => {
                    node(to, "globe", Tone::Warn, name, format!("on every network, {}:{}", h.address, h.port))
                }
                Some(h) => node(to, "plug", Tone::Good, name, format!("on {}:{}", h.address, h.port)),
            }
        })
        .collect()
}

fn itself(o: &Overview, base: &str) -> Node {
    let about = o.seen.container.as_ref().map_or_else(|| "gone".to_string(), |c| c.image.clone());
    node(format!("{base}#identity"), "box", o.state.tone(), o.container_name.clone(), about)
}

fn volumes(c: &Container, base: &str) -> Vec<Node> {
    c.mounts
        .iter()
        .map(|m| {
            let tone = if m.is_anonymous() { Tone::Warn } else { Tone::Good };
            let about: String = if m.is_anonymous() { "anonymous volume".into() } else { m.source_name().into() };
            node(format!("{base}#identity"), "hard-drive", tone, m.at.clone(), about)
        })
        .collect()
}

fn backups(o: &Overview, base: &str) -> Node {
    let to = format!("{base}/backups");
    match &o.last_verified {
        Some(b) => node(
            to,
            "archive",
            Tone::Good,
            plural(o.backups, "backup", "backups"),
            format!("verified {}", ago(b.made_at, o.now)),
        ),
        None => Node { off: true, ..node(to, "archive", Tone::Bad, "No backup", "never verified") },
    }
}
