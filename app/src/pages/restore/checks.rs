//! The third step of a restore: the checks, and the way on when none stops it.

use super::{addresses, check, into_new, outage};
use crate::Drawn;
use crate::api::Timed;
use crate::components::card::Card;
use crate::components::items::gates;
use crate::components::page_head::{PageHead, page};
use crate::components::stepper::restore_steps;
use crate::pages::param;
use domain::gate::{RestoreCheck, all_pass};
use domain::text::{Tone, plural};
use leptos::prelude::*;

/// The checks of the backup in the address, and how long the server will be offline.
pub async fn checks_page() -> Drawn {
    let (name, new) = (param("name"), into_new());
    let check = check().await?;
    Ok(draw(&name, &check, new))
}

fn draw(name: &str, check: &Timed<RestoreCheck>, as_new: bool) -> AnyView {
    let c = &check.value;
    let steps = addresses(name, c.backup.manifest.id.as_str(), as_new);
    let passes = all_pass(&c.gates);
    let onward = if passes {
        view! { <a class="button primary" href=steps[3].clone()>"Go to confirm"</a> }.into_any()
    } else {
        view! { <a class="button primary" href=steps[0].clone()>"Choose another backup"</a> }.into_any()
    };
    let why = (!passes).then(|| {
        view! { <span class="why">"Fix the failed checks first; each says how."</span> }
    });
    let (outage_words, order) = if as_new {
        (
            format!("{name} is not stopped"),
            "The backup is read again, loaded into a new volume, checked and counted. Only then the new server is made.",
        )
    } else {
        let order = "First the backup is read again, loaded into a separate copy, checked and counted. Only then the \
            server is stopped.";
        (format!("Offline {}", outage(c)), order)
    };
    let title = if passes { "Can it be restored?" } else { "It cannot be restored yet" };
    page(view! {
        <PageHead title tab=format!("Checks · {name}") about=summary(name, c)/>
        {restore_steps(3, &steps)}
        <div class="main-side">
            <div class="stack">
                {Card::new("checks", "Checks").body(view! {
                    {gates(&c.gates)}
                    <footer><div class="actions">{onward}<a class="button plain" href=steps[1].clone()>"Back"</a>{why}</div></footer>
                })}
            </div>
            <aside class="stack">
                {Card::new("long", "How long").body(view! {
                    <div class="body"><p><b>{outage_words}</b></p><p class="small quiet-text">{order}</p></div>
                })}
            </aside>
        </div>
    })
}

fn summary(name: &str, c: &RestoreCheck) -> String {
    let of = |tone| c.gates.iter().filter(|g| g.tone == tone).count() as u64;
    let mut parts = vec![format!("{} passed", plural(of(Tone::Good), "check", "checks"))];
    if of(Tone::Bad) > 0 {
        parts.push(format!("{} the restore", plural(of(Tone::Bad), "stops", "stop")));
    }
    if of(Tone::Warn) > 0 {
        parts.push(format!("{} to know", plural(of(Tone::Warn), "thing", "things")));
    }
    format!("{}. {name} was not touched.", parts.join(", "))
}
