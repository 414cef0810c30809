//! Memory of a deployment: now, recommended, typed.

use super::{param, query};
use crate::Drawn;
use crate::api::changes::{MemoryView, PlanMemory, get_memory};
use crate::components::card::Card;
use crate::components::change_form::{no_container, not_here, outage};
use crate::components::field::{Checkbox, Field, FieldError};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::memory_shares::{Shares, memory_shares};
use crate::components::notice::{Refused, notice};
use crate::components::page_head::{PageHead, page};
use crate::visitor::may;
use domain::change::MemoryValues;
use domain::memory::{Recommendation, exact, parse_size, written};
use domain::permission::Permission;
use domain::text::{Tone, file_size, memory_size, percent};
use islands::SearchAsTyped;
use leptos::prelude::*;

/// What was typed stands in the address, so that a way to share memory can be sent to somebody. Planning needs
/// `config.change`.
pub async fn memory_page() -> Drawn {
    let name = param("name");
    let form = Form::of::<PlanMemory>();
    let typed = form.value_or("limit", query("limit"));
    let memory = get_memory(name.clone(), typed).await?.value;
    Ok(draw(&name, &memory, form))
}

/// Texts of the form: what was typed, else what there is, else what is recommended.
struct Typed {
    heap: String,
    page_cache: String,
    limit: String,
    transaction_total: String,
}

impl Typed {
    fn of(form: Form, now: &MemoryValues, recommended: Option<Recommendation>) -> Self {
        let text = |field: &str, now: Option<u64>, recommended: Option<u64>| {
            let there = now.map(exact).or(recommended.map(written)).unwrap_or_default();
            let asked = if query("heap").is_empty() { there } else { query(field) };
            form.value_or(field, asked)
        };
        Self {
            heap: text("heap", now.heap, recommended.map(|r| r.heap)),
            page_cache: text("page_cache", now.page_cache, recommended.map(|r| r.page_cache)),
            limit: text("limit", now.limit, None),
            transaction_total: text("transaction_total", now.transaction_total, None),
        }
    }
}

fn draw(name: &str, memory: &MemoryView, form: Form) -> AnyView {
    let about = memory.total.map_or_else(
        || "How much memory Neo4j may take.".into(),
        |total| match memory.now.as_ref().and_then(|now| now.limit) {
            Some(limit) if limit == total => format!("How the container’s {} are shared.", memory_size(total)),
            _ => format!("How {} are shared.", memory_size(total)),
        },
    );
    let Some(now) = &memory.now else {
        return no_container("Memory", name, about);
    };
    let typed = Typed::of(form, now, memory.recommended);
    let change = may(Permission::ConfigChange).then(|| fields(name, memory, now, &typed, form));
    page(view! {
        <PageHead title="Memory" tab=format!("Memory · {name}") about=about/>
        <Refused form/>
        {not_here(memory.not_here.as_ref(), "The form shows the plan.")}
        {pictures(memory, now, &typed)}
        <div class="main-side">
            <div class="stack">{change}</div>
            <aside class="stack">{reasons(memory)}</aside>
        </div>
    })
}

/// Drawn anew while one types.
fn pictures(memory: &MemoryView, now: &MemoryValues, typed: &Typed) -> AnyView {
    let (Some(total), Some(recommended)) = (memory.total, memory.recommended) else {
        let why = "Neither the container has a limit nor did Docker tell how much memory its host has.";
        return view! { <div id="found">{notice(Tone::Info, "There is no total to share.", why)}</div> }.into_any();
    };
    let mut list = vec![];
    if let (Some(heap), Some(page_cache)) = (now.heap, now.page_cache) {
        list.push(Shares { name: "Running now", heap, page_cache });
    }
    list.push(Shares { name: "Recommended by Neo4j", heap: recommended.heap, page_cache: recommended.page_cache });
    if let (Some(heap), Some(page_cache)) = (parse_size(&typed.heap), parse_size(&typed.page_cache)) {
        list.push(Shares { name: "Your values", heap, page_cache });
    }
    let line = format!(
        "The dark line is {}. “System and JVM” is what Neo4j’s own table keeps free at this size.",
        memory_size(total)
    );
    let body = view! { <div class="body">{memory_shares(total, recommended.system, &list)}<p class="small quiet-text">{line}</p></div> };
    view! { <div id="found">{Card::new("shares", format!("Ways to share {}", memory_size(total))).body(body)}</div> }
        .into_any()
}

fn fields(name: &str, memory: &MemoryView, now: &MemoryValues, typed: &Typed, form: Form) -> AnyView {
    let host = memory.host.map(|host| format!(" The host has {}.", memory_size(host))).unwrap_or_default();
    let store = memory.store.map_or_else(String::new, |store| format!(" The data takes {}.", file_size(store)));
    let open = form.error("transaction_total").is_some() || !typed.transaction_total.is_empty();
    let recommended = memory.recommended.map(|recommended| {
        let limit = percent(&typed.limit);
        let to = format!(
            "/deployments/{name}/memory?heap={}&page_cache={}&limit={limit}",
            written(recommended.heap),
            written(recommended.page_cache)
        );
        view! { <a class="button" href=to>"Use recommended values"</a> }
    });
    let outage = outage(memory.last_offline_ms);
    Card::new("values", "Your values").about(format!("Nothing is changed before you have seen the plan. {outage}")).body(post(
        form,
        view! {
            <div class="body">
                <input type="hidden" name="deployment" value=name.to_string()/>
                <div class="pair">
                    <Field form name="limit" label="Container limit" optional=true value=typed.limit.clone()
                        help=format!("For example 4g. Above it the kernel ends Neo4j. Empty: no limit.{host}")/>
                    <Field form name="heap" label="Heap" value=typed.heap.clone()
                        help="For example 600m or 4g. Working memory of queries. Initial and largest size are the same."/>
                    <Field form name="page_cache" label="Page cache" value=typed.page_cache.clone()
                        help=format!("Keeps the data close.{store} More is faster.")/>
                </div>
                <details class="fold" open=open>
                    <summary>{crate::components::icon::turning("chevron-right")}"Transactions"</summary>
                    <Field form name="transaction_total" label="All transactions together" optional=true value=typed.transaction_total.clone()
                        help="Empty: as it is, else 70 % of the heap. 0: no limit."/>
                </details>
                <Checkbox form name="exit_on_out_of_memory" label="End Neo4j when its heap is full" ticked=now.exit_on_out_of_memory
                    help="Without it a server whose heap is full may go on half-alive. With it Docker starts it again."/>
                <FieldError form name="exit_on_out_of_memory"/>
                <Field form name="reason" label="Why" optional=true help="Kept with the change and in the audit log."/>
                <SearchAsTyped/>
            </div>
            <footer>
                <div class="actions">
                    <SubmitButton label="Check and show plan"/>{recommended}
                    <a class="button plain" href=format!("/deployments/{name}/memory")>"Discard"</a>
                </div>
            </footer>
        },
    ))
}

fn reasons(memory: &MemoryView) -> AnyView {
    let Some(recommended) = memory.recommended else { return ().into_any() };
    let holds = match memory.store {
        Some(store) if store > 0 => {
            let part = (recommended.page_cache as f64 / store as f64 * 100.0).min(100.0);
            format!("What is left. It can hold {part:.0}\u{202f}% of the data.")
        }
        _ => "What is left.".into(),
    };
    let list = vec![
        Point(
            "server",
            format!("System {}.", memory_size(recommended.system)),
            "The JVM, threads and search indexes live outside heap and page cache.".into(),
        ),
        Point(
            "activity",
            format!("Heap {}.", memory_size(recommended.heap)),
            "By the table of neo4j-admin server memory-recommendation. Above 31 GiB the JVM wastes memory.".into(),
        ),
        Point("hard-drive", format!("Page cache {}.", memory_size(recommended.page_cache)), holds),
    ];
    let rule = "Half heap, half page cache is an old rule of thumb. It leaves nothing to the system and the JVM, so the \
                kernel ends Neo4j.";
    Card::new("why", "Why these numbers")
        .body(view! { <div class="body">{points(list, true)}<p class="small quiet-text">{rule}</p></div> })
}
