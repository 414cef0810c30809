//! Where backups are copied to.

use super::{param, query};
use crate::Drawn;
use crate::api::Timed;
use crate::api::targets::{AddDirectory, AddS3, RemoveTarget, ScanTarget, TryTarget, get_target, list_targets};
use crate::components::card::{Card, code, facts, words};
use crate::components::field::{Checkbox, Field, Kind};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::icon::icon;
use crate::components::items::{Point, points};
use crate::components::notice::{Done, Refused, notice};
use crate::components::page_head::{PageHead, page};
use crate::components::place::place;
use crate::components::status::tag;
use crate::components::table::{cell, table};
use crate::components::upload::upload;
use crate::visitor::may;
use domain::permission::Permission;
use domain::target::{Place, Target};
use domain::text::{Tone, count, plural};
use leptos::prelude::*;

/// All targets; adding one only with `target.manage`.
pub async fn targets_page() -> Drawn {
    let list = list_targets().await?;
    Ok(draw(&list))
}

fn draw(list: &Timed<Vec<Target>>) -> AnyView {
    let add = may(Permission::TargetManage).then(|| {
        view! { <a class="button" href="/targets/new?kind=directory">"Add directory"</a><a class="button primary" href="/targets/new?kind=s3">{icon("cloud-upload")}"Add S3 store"</a> }
            .into_any()
    });
    let rows = list.value.iter().map(row).collect();
    let heads = [("Target", ""), ("Where", ""), ("Encrypted", ""), ("Survives the loss of this host", "")];
    page(view! {
        <PageHead title="Targets" about="Where backups are copied to. A backup may go to several; each copy is read \
            back and reported separately." actions=add/>
        <Done/>
        <section class="card" aria-label="Targets">{table(&heads, rows)}</section>
    })
}

fn row(target: &Target) -> AnyView {
    let name = target.name.to_string();
    let survives = if target.place.is_remote() { "Yes" } else { "No: it is on the same disk" };
    view! {
        <tr>
            <th scope="row"><a class="lead" href=format!("/targets/{name}")>{name.clone()}</a><span class="sub">{kind(&target.place)}</span></th>
            {cell("Where", "", view! { <span class="mono">{place(&target.place)}</span>{target.place.is_sent_unencrypted().then(|| tag("over http"))} })}
            {cell("Encrypted", "", encrypted(target))}
            {cell("Survives the loss of this host", "", survives)}
        </tr>
    }
    .into_any()
}

fn encrypted(target: &Target) -> String {
    match target.recipients.len() as u64 {
        0 => "No".into(),
        keys => format!("For {}", plural(keys, "key", "keys")),
    }
}

fn kind(place: &Place) -> &'static str {
    match place {
        Place::Directory { mounted: true, .. } => "mounted drive",
        Place::Directory { .. } => "directory",
        Place::S3(_) => "S3 store",
    }
}

/// The form for an S3 store if the address has `kind=s3`, else for a directory.
pub async fn add_target_page() -> Drawn {
    Ok(if query("kind") == "s3" { add_s3() } else { add_directory() })
}

fn frame(title: &'static str, about: &'static str, form: Form, body: AnyView) -> AnyView {
    page(view! {
        <PageHead title=title about=about/>
        <div class="main-side">
            <div class="stack"><Refused form/><section class="card">{body}</section></div>
            <aside class="stack">{Card::new("next", "What happens").body(view! { <div class="body">{points(next(), true)}</div> })}</aside>
        </div>
    })
}

fn next() -> Vec<Point> {
    vec![
        Point(
            "file-text",
            String::new(),
            "The console writes a small file there, reads it back, lists and deletes it.".into(),
        ),
        Point(
            "triangle-alert",
            String::new(),
            "If that fails, the target is not added, and the page says what is wrong.".into(),
        ),
        Point("archive", String::new(), "Then choose it when you back up, or in a schedule.".into()),
    ]
}

fn buttons() -> AnyView {
    view! { <footer><div class="actions"><SubmitButton label="Try and add"/><a class="button plain" href="/targets">"Cancel"</a></div></footer> }
        .into_any()
}

fn recipients(form: Form) -> AnyView {
    let help = "Public keys, age1…, one a line. Every backup is encrypted to them before it leaves the console. Keep \
        the identity (the secret half, from age-keygen) yourself: the console does not have it, and without it nobody \
        can restore from this target, not even the console. Drills need an unencrypted copy elsewhere. Leave empty for \
        no encryption.";
    view! { <Field form name="age_recipients" label="Encrypt for these keys" kind=Kind::Keys optional=true help=help/> }
        .into_any()
}

fn add_directory() -> AnyView {
    let form = Form::of::<AddDirectory>();
    let body = post(
        form,
        view! {
            <div class="body">
                <Field form name="name" label="Name" placeholder="nas" help="Letters, digits, dots, dashes. Shown in \
                    lists and schedules."/>
                <Field form name="path" label="Directory on the console’s machine" placeholder="/mnt/backups"
                    help="In a container: a path inside it, where the drive or volume is mounted. It must exist."/>
                <Checkbox form name="mounted" label="It is a mounted drive"
                    help="Backups are refused while nothing is mounted there, so that an unplugged drive does not fill \
                        the disk below it."/>
                {recipients(form)}
            </div>
            {buttons()}
        },
    );
    frame("Add a directory", "A second disk, a network drive, or a volume.", form, body)
}

fn add_s3() -> AnyView {
    let form = Form::of::<AddS3>();
    let body = post(
        form,
        view! {
            <div class="body">
                <Field form name="name" label="Name" placeholder="s3-offsite" help="Letters, digits, dots, dashes. \
                    Shown in lists and schedules."/>
                <Field form name="endpoint" label="Endpoint" optional=true placeholder="https://s3.example.com" help="Empty for Amazon’s own. With https, unless the store is a container on this host."/>
                <div class="pair">
                    <Field form name="bucket" label="Bucket" help="It must exist already."/>
                    <Field form name="region" label="Region" optional=true placeholder="us-east-1"/>
                </div>
                <Field form name="prefix" label="Folder in the bucket" optional=true placeholder="backups/neo4j"/>
                <div class="pair">
                    <Field form name="access_key" label="Access key" optional=true help="Empty: use the instance role."/>
                    <Field form name="secret_key" label="Secret key" kind=Kind::Password optional=true help="Kept encrypted, never shown again."/>
                </div>
                <Checkbox form name="path_style" label="Address the bucket by path" help="endpoint/bucket instead of \
                    bucket.endpoint. Most stores that are not Amazon’s want it." ticked=true/>
                <div class="pair">
                    <Field form name="storage_class" label="Storage class" optional=true placeholder="STANDARD_IA"/>
                    <Field form name="server_side_encryption" label="Server-side encryption" optional=true placeholder="AES256"/>
                </div>
                {recipients(form)}
            </div>
            {buttons()}
        },
    );
    frame(
        "Add an S3 store",
        "Amazon S3, or any store that speaks the same: MinIO, SeaweedFS, Hetzner, Backblaze, Wasabi.",
        form,
        body,
    )
}

/// The target of the address; trying it needs `backup.run`, scanning and removing it `target.manage`.
pub async fn target_page() -> Drawn {
    let name = param("name");
    let forms = (Form::of::<TryTarget>(), Form::of::<ScanTarget>(), Form::of::<RemoveTarget>());
    let target = get_target(name).await?;
    Ok(one(&target, forms))
}

fn one(target: &Target, (tries, scans, removes): (Form, Form, Form)) -> AnyView {
    let name = target.name.to_string();
    let try_it = may(Permission::BackupRun).then(|| {
        view! { {post(tries, view! { <input type="hidden" name="name" value=name.clone()/><SubmitButton label="Try it now" class="button"/> })} }
            .into_any()
    });
    let removable = may(Permission::TargetManage) && !target.built_in;
    page(view! {
        <PageHead title=name.clone() state=tag(kind(&target.place)) about="A target of backups." actions=try_it/>
        <Done/>
        <Scanned/>
        <Refused form=tries/>
        <Refused form=scans/>
        <Refused form=removes/>
        {target.place.is_sent_unencrypted().then(|| notice(Tone::Warn, "Backups are sent there over http.", over_http(target)))}
        {Card::new("about", "About this target").body(view! { <div class="body">{facts(about(target))}</div> })}
        {may(Permission::TargetManage).then(|| scan(&name, scans))}
        {(target.built_in && may(Permission::BackupUpload)).then(|| upload(None))}
        {removable.then(|| remove(&name, removes))}
    })
}

/// What the last scan saw, by the numbers in the address.
#[component]
fn Scanned() -> impl IntoView {
    scanned(["found", "known", "others"].map(|number| query(number).parse().ok()))
}

fn scanned([found, known, others]: [Option<u64>; 3]) -> Option<AnyView> {
    let backups = |n: u64, one: &str, more: &str| format!("{} {}.", count(n), if n == 1 { one } else { more });
    let found = found?;
    let mut rest = backups(known?, "was known already", "were known already");
    if found > 0 {
        rest += " Those found are not read yet: a restore reads its backup first.";
    }
    if others? > 0 {
        rest += &format!(
            " {}",
            backups(
                others?,
                "folder was left alone: it holds no whole backup",
                "folders were left alone: they hold no whole backup"
            )
        );
    }
    Some(notice(
        if found > 0 { Tone::Good } else { Tone::Info },
        backups(found, "backup was found", "backups were found"),
        rest,
    ))
}

fn scan(name: &str, form: Form) -> AnyView {
    let why = "Looks at all that lies there and lists the backups this console does not know, for example after it was \
        set up anew. Adopt their deployment, then restore.";
    Card::new("scan", "Find backups").about(why).body(view! {
        {post(form, view! {
            <input type="hidden" name="name" value=name.to_string()/>
            <footer><div class="actions"><SubmitButton label="Scan for backups" class="button"/></div></footer>
        })}
    })
}

fn over_http(target: &Target) -> &'static str {
    match target.recipients.is_empty() {
        true => {
            "Anyone on the network path can read them. Add the store again with an https address, or with keys to \
             encrypt for."
        }
        false => {
            "Their content is encrypted; their names, counts and sizes are not, and anyone on the network path can \
             change them. Use an https address."
        }
    }
}

fn about(target: &Target) -> Vec<(&'static str, AnyView)> {
    let mut all = about_place(&target.place);
    all.push(("Encrypted", words(encrypted(target))));
    all.extend(target.recipients.iter().map(|key| ("Key", code(key.to_string()))));
    all
}

fn about_place(place: &Place) -> Vec<(&'static str, AnyView)> {
    match place {
        Place::Directory { path, mounted } => {
            vec![
                ("Path", code(path.clone())),
                ("Mounted drive", words(if *mounted { "Yes: refused while nothing is mounted there" } else { "No" })),
            ]
        }
        Place::S3(s3) => {
            let or = |text: &str, otherwise: &str| {
                words(if text.is_empty() { otherwise.to_string() } else { text.to_string() })
            };
            vec![
                ("Endpoint", or(&s3.endpoint, "Amazon’s own")),
                ("Region", words(s3.region.clone())),
                ("Bucket", code(s3.bucket.clone())),
                ("Folder", or(&s3.prefix, "none")),
                ("Addressed by", words(if s3.path_style { "path" } else { "host name" })),
                ("Storage class", or(&s3.storage_class, "the bucket’s own")),
                ("Server-side encryption", or(&s3.server_side_encryption, "the bucket’s own")),
            ]
        }
    }
}

fn remove(name: &str, form: Form) -> AnyView {
    let why = "What lies there stays there; the console only forgets it.";
    let help = "Only for a target that will not come back, while backups have a copy on it. Backups that have no other \
        copy leave the list; what lies on the target is not touched.";
    Card::new("remove", "Remove this target").about(why).body(view! {
        {post(form, view! {
            <input type="hidden" name="name" value=name.to_string()/>
            <div class="body"><Field form name="forget_copies" label="Forget its copies: type the target’s name" optional=true help=help/></div>
            <footer><div class="actions"><SubmitButton label="Remove target" class="button danger"/></div></footer>
        })}
    })
}
