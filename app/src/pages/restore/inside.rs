//! The second step of a restore: what the backup holds, compared with now.

use super::{addresses, check, into_new};
use crate::api::Timed;
use crate::components::card::Card;
use crate::components::load::loaded;
use crate::components::page_head::{PageHead, page};
use crate::components::stepper::restore_steps;
use crate::components::table::{cell, table};
use crate::pages::backup::{about_card, counted, inside};
use crate::pages::param;
use domain::gate::RestoreCheck;
use domain::text::{ago, count, full_time};
use leptos::prelude::*;

/// The backup of the address, counted beside the present data.
#[component]
pub fn InsidePage() -> impl IntoView {
    let (name, new) = (param("name"), into_new());
    loaded(check(), move |check| draw(&name.get(), &check, new.get()))
}

fn draw(name: &str, check: &Timed<RestoreCheck>, as_new: bool) -> AnyView {
    let (c, now) = (&check.value, check.now);
    let m = &c.backup.manifest;
    let steps = addresses(name, m.id.as_str(), as_new);
    let about = format!("Backup of {}, made {} by {}.", full_time(m.made_at), ago(m.made_at, now), m.by);
    let first = c.backup.databases().first();
    page(view! {
        <PageHead title="Is this the right one?" tab=format!("Look inside · {name}") about=about/>
        {restore_steps(2, &steps)}
        <div class="main-side">
            <div class="stack">
                {Card::new("compared", "Compared with now").body(view! {
                    {table(&[("What", ""), ("Backup", "number"), ("Now", "number"), ("Difference", "number")], vec![
                        compare("Nodes", first.map_or(0, |d| d.nodes), c.nodes_now),
                        compare("Relationships", first.map_or(0, |d| d.relationships), c.relationships_now),
                    ])}
                    <footer>{counted(&c.backup)}" Counts of now were just read, in the default database."</footer>
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

fn compare(what: &'static str, then: u64, now: Option<u64>) -> AnyView {
    let (now_words, difference) = match now {
        None => ("unknown".to_string(), "unknown".to_string()),
        Some(n) if n == then => (count(n), "same".into()),
        Some(n) if n > then => (count(n), format!("−{}", count(n - then))),
        Some(n) => (count(n), format!("+{}", count(then - n))),
    };
    view! {
        <tr><th scope="row">{what}</th>{cell("Backup", "number", count(then))}{cell("Now", "number", now_words)}{cell("Difference", "number", difference)}</tr>
    }
    .into_any()
}
