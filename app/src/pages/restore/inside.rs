//! The second step of a restore: what the backup holds, compared with now.

use super::{addresses, check, into_new};
use crate::Drawn;
use crate::api::Timed;
use crate::components::card::Card;
use crate::components::page_head::{PageHead, page};
use crate::components::stepper::restore_steps;
use crate::components::table::{cell, table};
use crate::pages::backup::{about_card, counted, inside};
use crate::pages::param;
use domain::gate::RestoreCheck;
use domain::text::{ago, count, full_time};
use leptos::prelude::*;

/// The backup of the address, counted beside the present data.
pub async fn inside_page() -> Drawn {
    let (name, new) = (param("name"), into_new());
    let check = check().await?;
    Ok(draw(&name, &check, new))
}

fn draw(name: &str, check: &Timed<RestoreCheck>, as_new: bool) -> AnyView {
    let (c, now) = (&check.value, check.now);
    let m = &c.backup.manifest;
    let steps = addresses(name, m.id.as_str(), as_new);
    let about = format!("Backup of {}, made {} by {}.", full_time(m.made_at), ago(m.made_at, now), m.by);
    let then = c.compared();
    page(view! {
        <PageHead title="Is this the right one?" tab=format!("Look inside · {name}") about=about/>
        {restore_steps(2, &steps)}
        <div class="main-side">
            <div class="stack">
                {Card::new("compared", "Compared with now").body(view! {
                    {table(&[("What", ""), ("Backup", "number"), ("Now", "number"), ("Difference", "number")], vec![
                        compare("Nodes", then.map(|d| d.nodes), c.nodes_now),
                        compare("Relationships", then.map(|d| d.relationships), c.relationships_now),
                    ])}
                    <footer>{counted(&c.backup)}" "{counted_now(c)}</footer>
                })}
                {c.backup.databases().iter().map(inside).collect::<Vec<_>>()}
                <section class="card">
                    <footer><div class="actions"><a class="button primary" href=steps[2].clone()>"Run the checks"</a><a class="button plain" href=steps[0].clone()>"Choose another backup"</a></div></footer>
                </section>
            </div>
            <aside class="stack">{Card::new("about", "About this backup").body(view! {<div class="body">{about_card(&c.backup)}</div>})}</aside>
        </div>
    })
}

/// Where the counts of now are from, and what they are compared with.
fn counted_now(c: &RestoreCheck) -> String {
    let now = match (c.nodes_now, &c.default_database) {
        (Some(_), Some(name)) => format!("Current counts were just read, in the default database, {name}."),
        (Some(_), None) => "Current counts were just read, in the default database.".into(),
        (None, _) => "What is there now could not be counted.".into(),
    };
    match (c.compared(), &c.default_database) {
        (Some(_), _) => now,
        (None, Some(name)) => format!("{now} The backup does not hold {name}."),
        (None, None) => format!("{now} The default database is unknown."),
    }
}

/// `None`: not known, or not in the backup.
fn compare(what: &'static str, then: Option<u64>, now: Option<u64>) -> AnyView {
    let words = |n: Option<u64>| n.map_or_else(|| "unknown".to_string(), count);
    let difference = match (then, now) {
        (Some(then), Some(now)) if now == then => "same".into(),
        (Some(then), Some(now)) if now > then => format!("−{}", count(now - then)),
        (Some(then), Some(now)) => format!("+{}", count(then - now)),
        (None, _) | (_, None) => "unknown".to_string(),
    };
    view! {
        <tr><th scope="row">{what}</th>{cell("Backup", "number", words(then))}{cell("Now", "number", words(now))}{cell("Difference", "number", difference)}</tr>
    }
    .into_any()
}
