//! About the console: its version, what it touches, credits.

use crate::Drawn;
use crate::components::card::{Card, facts, words};
use crate::components::page_head::{PageHead, page};
use leptos::prelude::*;

/// Fixed words and the version; for every member.
pub async fn about_page() -> Drawn {
    let version = vec![("Console", words(env!("CARGO_PKG_VERSION"))), ("Licence", words("Apache-2.0"))];
    Ok(page(view! {
        <PageHead title="About" about="A console for Neo4j servers that run in Docker: adopt, watch, back up, restore."/>
        <div class="columns two">
            {Card::new("version", "This console").body(view! {<div class="body">{facts(version)}</div>})}
            {Card::new("touch", "What it touches").body(view! {
                <div class="body"><p>
                    "Only deployments that were adopted, and the helper containers it starts for them. A backup counts \
                     only after every part was read back. "
                    "Every action, including denied ones, is in the audit log."
                </p></div>
            })}
            {Card::new("credits", "Credits").body(view! {
                <div class="body"><p class="small">"Colours: Radix Colors (MIT). Icons: Lucide (ISC). Reset: \
                    modern-normalize (MIT). Neo4j is a trademark of Neo4j, Inc.; this console is not made by them."</p></div>
            })}
        </div>
    }))
}
