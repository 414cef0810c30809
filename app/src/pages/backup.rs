//! One backup: what it holds, where its copies are, how long it stays and where it is from.

use super::param;
use crate::Drawn;
use crate::api::Timed;
use crate::api::backups::{AcceptBackup, PinBackup, VerifyBackup, get_backup};
use crate::api::drills::StartDrill;
use crate::components::card::{Card, code, facts, known, words};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::icon::icon;
use crate::components::notice::{Done, Refused, notice};
use crate::components::page_head::{PageHead, page};
use crate::components::status::{backup_badge, backup_tone_line, status, tag};
use crate::components::table::{cell, table};
use crate::components::when::{when, when_exactly};
use crate::visitor::may;
use domain::backup::views::Detail;
use domain::backup::{Content, Count, Manifest, Origin, State};
use domain::permission::Permission;
use domain::target::CopyState;
use domain::text::{Tone, count, file_size, full_time, plural, took};
use islands::Copyable;
use leptos::prelude::*;

/// The backup of the address; buttons only for what the member may do.
pub async fn backup_page() -> Drawn {
    let (name, id) = (param("name"), param("backup"));
    let forms = Forms {
        accept: Form::of::<AcceptBackup>(),
        pin: Form::of::<PinBackup>(),
        verify: Form::of::<VerifyBackup>(),
        drill: Form::of::<StartDrill>(),
    };
    let detail = get_backup(id).await?;
    Ok(draw(&name, &detail, forms))
}

#[derive(Clone, Copy)]
struct Forms {
    accept: Form,
    pin: Form,
    verify: Form,
    drill: Form,
}

fn draw(name: &str, detail: &Timed<Detail>, forms: Forms) -> AnyView {
    let (d, now) = (&detail.value, detail.now);
    let m = &d.manifest;
    let about = view! { "Made " {when(m.made_at, now)} {format!(" by {}{}", m.by, if m.reason.is_empty() { ".".into() } else { format!(": “{}”", m.reason) })} };
    page(view! {
        <PageHead title=format!("Backup of {}", full_time(m.made_at)) state=backup_badge(d.state) about=about.into_any() actions=actions(name, d)/>
        <Done/>
        <Refused form=forms.accept/>
        <Refused form=forms.pin/>
        <Refused form=forms.verify/>
        <Refused form=forms.drill/>
        {d.problem.clone().map(|p| notice(Tone::Bad, "A later reading found a problem.", p))}
        {from_outside(name, d, forms.accept)}
        <div class="main-side">
            <div class="stack">
                {left_out(m)}
                {d.databases().iter().map(inside).collect::<Vec<_>>()}
                {parts(m)}
                {by_hand(d)}
            </div>
            <aside class="stack">
                {Card::new("about", "About this backup").body(view! {<div class="body">{about_card(d)}</div>})}
                {Card::new("targets", "Targets").about("Each copy is read back separately.").body(view! {{targets(d)}{check_again(name, d, forms)}})}
                {Card::new("retention", "How long it stays").body(view! {{stays(name, d, forms.pin)}})}
                {Card::new("users", "Neo4j users").body(view! {<div class="body"><p class="small">{m.neo4j_users.join(", ")}</p></div>})}
                {Card::new("env", "Variables").about("Names only. Neo4j settings without credentials are in the bundle \
                    in plain text, all others encrypted.").body(view! {
                    <div class="body"><p class="small mono">{m.env.iter().map(|v| v.name.clone()).collect::<Vec<_>>().join(", ")}</p></div>
                })}
            </aside>
        </div>
    })
}

fn actions(name: &str, d: &Detail) -> AnyView {
    let base = format!("/deployments/{name}");
    let id = d.manifest.id.clone();
    let delete = may(Permission::BackupDelete)
        .then(|| view! { <a class="button warns" href=format!("{base}/backups/{id}/delete")>"Delete backup…"</a> });
    let download = may(Permission::BackupDownload)
        .then(|| view! { <a class="button" href=format!("/download/{id}") download>{icon("download")}"Download"</a> });
    let restorable =
        may(Permission::RestoreRequest) && d.origin.may_be_loaded() && d.state != State::Broken && d.deployment_known;
    let restore = restorable
        .then(|| view! { <a class="button primary" href=format!("{base}/restore/{}", d.manifest.id)>"Restore…"</a> });
    view! { {delete}{download}{restore} }.into_any()
}

/// What a person looks at before its data is opened on this host.
fn from_outside(name: &str, d: &Detail, form: Form) -> Option<AnyView> {
    if d.origin != Origin::Outside {
        return None;
    }
    let m = &d.manifest;
    let says = format!(
        "It was uploaded, or found on a target, and does not carry this console’s seal: another console may have made \
         it, or anybody. According to its manifest, {} made it from {} with {}. None of this is verified, nor are the \
         commands in its RESTORE.md. It is neither restored nor drilled until a lead accepts it; schedules, alarms and \
         retention ignore it.",
        m.by, m.deployment, m.image
    );
    let accept = may(Permission::BackupAccept).then(|| {
        let fields = view! {
            <input type="hidden" name="deployment" value=name.to_string()/><input type="hidden" name="backup" value=m.id.to_string()/>
            <SubmitButton label="I know where it is from: accept it" class="button"/>
        };
        view! { <footer><div class="actions">{post(form, fields)}</div></footer> }
    });
    Some(
        Card::new("origin", "This backup is from outside")
            .body(view! { <div class="body"><p class="small">{says}</p></div>{accept} }),
    )
}

/// On each target, for itself: one that fails is said here and spoils no other.
fn targets(d: &Detail) -> AnyView {
    let rows: Vec<_> = d
        .copies
        .iter()
        .map(|c| {
            let (tone, word) = match c.state {
                CopyState::Verified => (Tone::Good, "Verified"),
                CopyState::Unread => (Tone::Warn, "Not read yet"),
                CopyState::Failed => (Tone::Bad, "Failed"),
                CopyState::Missing => (Tone::Bad, "Missing"),
            };
            let why = c.problem.clone().map(|why| view! { <p class="small quiet-text">{why}</p> });
            let locked = c
                .encrypted
                .as_ref()
                .map(|e| tag(format!("Encrypted for {}", plural(e.recipients.len() as u64, "key", "keys"))));
            view! { <li><div><b>{c.target.to_string()}</b>" "{status(tone, word)}" "{locked}{why}</div></li> }
        })
        .collect();
    view! { <ul class="lines">{rows}</ul> }.into_any()
}

/// Reading it back again, and trying a restore in a scratch server.
fn check_again(name: &str, d: &Detail, forms: Forms) -> Option<AnyView> {
    if !may(Permission::BackupRun) || !d.deployment_known {
        return None;
    }
    let drillable = d.origin.may_be_loaded();
    let id = d.manifest.id.to_string();
    let verify = post(
        forms.verify,
        view! { <input type="hidden" name="backup" value=id.clone()/><SubmitButton label="Read back now" class="button small"/> },
    );
    let drill = || {
        post(
            forms.drill,
            view! {
                <input type="hidden" name="deployment" value=name.to_string()/><input type="hidden" name="backup" value=id.clone()/>
                <SubmitButton label="Run a drill of it" class="button small"/>
            },
        )
    };
    Some(view! { <footer><div class="actions">{verify}{drillable.then(drill)}</div></footer> }.into_any())
}

fn stays(name: &str, d: &Detail, form: Form) -> AnyView {
    let why = match (&d.schedule, d.pinned) {
        (_, true) => "Pinned: no rule removes it.".to_string(),
        (Some(schedule), false) => format!("Made by the schedule {schedule}; its rules decide."),
        (None, false) => "Made by hand: kept until somebody deletes it.".into(),
    };
    let pin = may(Permission::BackupPin).then(|| {
        let fields = view! {
            <input type="hidden" name="deployment" value=name.to_string()/>
            <input type="hidden" name="backup" value=d.manifest.id.to_string()/>
            <input type="hidden" name="pinned" value=(!d.pinned).to_string()/>
            <SubmitButton label=if d.pinned { "Unpin" } else { "Pin" } class="button small"/>
        };
        view! { <footer><div class="actions">{post(form, fields)}</div></footer> }
    });
    view! { <div class="body"><p class="small">{why}</p></div>{pin} }.into_any()
}

/// What one database held. Also a step of the restore.
pub fn inside(c: &Content) -> AnyView {
    let counts = |list: &[Count], kind: &'static str| {
        list.iter()
            .map(|l| view! { <tr><th scope="row">{format!("{kind}{}", l.name)}</th>{cell("Count", "number", count(l.count))}</tr> }.into_any())
            .collect::<Vec<_>>()
    };
    let mut rows = vec![total("Nodes", c.nodes), total("Relationships", c.relationships)];
    rows.extend(counts(&c.labels, ":"));
    rows.extend(counts(&c.types, "→ "));
    rows.push(total("Indexes", c.indexes.len() as u64));
    rows.push(total("Constraints", c.constraints.len() as u64));
    let format =
        c.store_format.clone().map_or_else(|| "store format unknown".to_string(), |f| format!("store format {f}"));
    view! {
        <section class="card" aria-label=format!("Database {}", c.database)>
            <header><h2>{format!("What is inside {}", c.database)}</h2><p>{format}</p></header>
            {table(&[("What", ""), ("Count", "number")], rows)}
        </section>
    }
    .into_any()
}

fn total(what: &'static str, n: u64) -> AnyView {
    view! { <tr><th scope="row"><b>{what}</b></th>{cell("Count", "number", count(n))}</tr> }.into_any()
}

fn left_out(m: &Manifest) -> Option<AnyView> {
    let names = m.left_out.join(", ");
    (!m.left_out.is_empty()).then(|| {
        notice(Tone::Warn, format!("Not in this backup: {names}."), "It was not online when the backup was made.")
    })
}

/// Where the counts are from. Also a step of the restore.
pub fn counted(d: &Detail) -> String {
    match (&d.proof, d.manifest.counted_at) {
        (Some(proof), _) => format!("Counted on a copy on {}.", full_time(proof.at)),
        (None, Some(at)) => {
            format!("Counted {}, before the stop, while clients could write. A drill counts exactly.", full_time(at))
        }
        (None, None) => "Counted before the stop, while clients could write. A drill counts exactly.".into(),
    }
}

fn parts(m: &Manifest) -> AnyView {
    let rows = m
        .parts
        .iter()
        .map(|p| {
            view! {
                <tr><th scope="row"><span class="mono">{p.name.clone()}</span></th>{cell("Size", "number", file_size(p.bytes))}
                {cell("sha256", "", view! { <Copyable text=p.sha256.clone() label="Copy sha256".into()/> })}</tr>
            }
            .into_any()
        })
        .collect();
    view! { {Card::new("parts", plural(m.parts.len() as u64, "part", "parts")).body(view! {{table(&[("File", ""), ("Size", "number"), ("sha256", "")], rows)}})} }.into_any()
}

/// The console is not needed to get the data back: the bundle itself tells every command, with its own names.
fn by_hand(d: &Detail) -> AnyView {
    let m = &d.manifest;
    let text = format!(
        "# {}\nsha256sum -c SHA256SUMS   # the files are whole\nless RESTORE.md           # every command, for {} and {}",
        d.location, m.container, m.image
    );
    let about = "RESTORE.md in the bundle lists every command with the names of this backup: stop, load, start, count. \
        It needs Docker and the same image, nothing else.";
    Card::new("by-hand", "Restore without this console")
        .about(about)
        .body(view! { <div class="body"><pre class="code" tabindex="0">{text}</pre></div> })
}

/// Also beside the steps of the restore.
pub fn about_card(d: &Detail) -> AnyView {
    let m = &d.manifest;
    facts(vec![
        ("State", backup_tone_line(d.state)),
        ("Made", when_exactly(m.made_at)),
        ("Made by", words(m.by.clone())),
        ("Origin", words(d.origin.words().unwrap_or("This console"))),
        ("Kind", words(m.kind.clone())),
        ("Counts", words(counted(d))),
        ("Size", words(file_size(m.bytes()))),
        ("Neo4j", words(format!("{} {}", m.version, m.edition.as_str()))),
        ("Image", code(m.image.clone())),
        ("Digest", known(m.image_digest.clone())),
        (
            "Plugins",
            words(if m.plugins.is_empty() {
                "none".into()
            } else {
                m.plugins.iter().map(|p| p.file.clone()).collect::<Vec<_>>().join(", ")
            }),
        ),
        ("Offline", words(took(m.offline_ms))),
        ("Took", words(took(m.duration_ms))),
        ("Location", code(d.location.clone())),
        ("Read back", if d.state == State::Unread { "Not yet".into_any() } else { when_exactly(d.verified_at) }),
    ])
}
