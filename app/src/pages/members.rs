//! The members, and what each console role may do.

use crate::Drawn;
use crate::api::Timed;
use crate::api::members::list_members;
use crate::components::card::Card;
use crate::components::icon::icon;
use crate::components::notice::Done;
use crate::components::page_head::{PageHead, page};
use crate::components::status::{status, tag};
use crate::components::table::{cell, table};
use crate::components::when::when;
use chrono::{DateTime, Utc};
use domain::member::{Member, Role};
use domain::permission::Permission;
use domain::text::{Tone, plural};
use leptos::prelude::*;

/// The list and the table of permissions (`member.manage`).
pub async fn members_page() -> Drawn {
    let list = list_members().await?;
    Ok(draw(&list))
}

fn draw(list: &Timed<Vec<Member>>) -> AnyView {
    let active = list.value.iter().filter(|m| !m.disabled).count() as u64;
    let about =
        format!("{} can sign in to this console. They are not Neo4j users.", plural(active, "person", "people"));
    let add = view! { <a class="button primary" href="/members/new">{icon("plus")}"Add member"</a> }.into_any();
    let heads = [("Member", ""), ("Console role", ""), ("State", ""), ("Last here", ""), ("", "")];
    let rows = list.value.iter().map(|m| row(m, list.now)).collect();
    page(view! {
        <PageHead title="Members" about=about actions=add/>
        <Done/>
        <section class="card" aria-label="Members">{table(&heads, rows)}</section>
        {Card::new("matrix", "What each console role may do").body(view! {{matrix()}})}
    })
}

fn row(m: &Member, now: DateTime<Utc>) -> AnyView {
    let to = format!("/members/{}", m.id.0);
    let state = if m.disabled { status(Tone::Idle, "Disabled") } else { status(Tone::Good, "Active") };
    let here = m.last_sign_in.map_or_else(|| "never".into_any(), |at| when(at, now));
    view! {
        <tr>
            <th scope="row"><a class="lead" href=to.clone()>{m.name.clone()}</a></th>
            {cell("Console role", "", tag(m.role.as_str()))}
            {cell("State", "", state)}
            {cell("Last here", "", here)}
            <td class="end-cell"><a class="button small" href=to>"Change…"<span class="sr">" "{m.name.clone()}</span></a></td>
        </tr>
    }
    .into_any()
}

/// The table of `domain::permission`, as people read it.
fn matrix() -> AnyView {
    let mark = |has: bool| match has {
        true => {
            view! { <td><span data-tone="good">{icon("check")}<span class="sr">"yes"</span></span></td> }.into_any()
        }
        false => view! { <td><span>{icon("minus")}<span class="sr">"no"</span></span></td> }.into_any(),
    };
    let rows: Vec<_> = Permission::ALL
        .iter()
        .map(|p| {
            let marks: Vec<_> = Role::ALL.iter().map(|r| mark(r.has(*p))).collect();
            view! { <tr><th scope="row">{capital(p.what())}</th>{marks}</tr> }
        })
        .collect();
    let heads: Vec<_> = Role::ALL.iter().map(|r| view! { <th scope="col">{r.as_str()}</th> }).collect();
    view! {
        <div class="table" tabindex="0" role="region" aria-label="What each console role may do, scrolls sideways">
            <table class="matrix perms"><thead><tr><th scope="col">"Permission"</th>{heads}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    }
    .into_any()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
