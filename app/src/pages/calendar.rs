//! A month of backups: what ran, what is kept, what failed.

use super::{param, query};
use crate::Drawn;
use crate::api::Timed;
use crate::api::schedules::get_calendar;
use crate::components::icon::{icon, tone_icon};
use crate::components::page_head::{PageHead, page};
use crate::components::status::status;
use chrono::{Datelike, NaiveDate};
use domain::calendar::{Month, MonthRecords};
use domain::text::{Tone, file_size, plural};
use leptos::prelude::*;

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The month of the address, or the present one.
pub async fn calendar_page() -> Drawn {
    let (name, month) = (param("name"), query("month"));
    let found = get_calendar(name.clone(), month).await?;
    Ok(draw(&name, &found))
}

fn draw(name: &str, found: &Timed<MonthRecords>) -> AnyView {
    let (month, today) = (found.value.month, found.now.date_naive());
    let base = format!("/deployments/{name}/backups");
    let heads: Vec<_> = DAYS
        .iter()
        .map(|day| view! { <th scope="col"><abbr title=*day>{day.chars().take(3).collect::<String>()}</abbr></th> })
        .collect();
    let day = |day: Option<NaiveDate>| {
        day.map_or_else(
            || view! { <td class="other"></td> }.into_any(),
            |day| cell(&base, &found.value, day, day == today),
        )
    };
    let weeks: Vec<_> = month
        .weeks()
        .into_iter()
        .map(|week| view! { <tr>{week.into_iter().map(day).collect::<Vec<_>>()}</tr> })
        .collect();
    let turn = |month: Month, mark| view! { <a class="button small icon-only" href=format!("{base}/calendar?month={month}") aria-label=month.words()>{icon(mark)}</a> };
    let legend =
        [(Tone::Good, "Verified"), (Tone::Warn, "In part"), (Tone::Bad, "Failed or missed"), (Tone::Idle, "Planned")];
    let legend: Vec<_> = legend.into_iter().map(|(tone, words)| view! { <li>{status(tone, words)}</li> }).collect();
    let list = view! { <a class="button" href=base.clone()>"List"</a> };
    page(view! {
        <PageHead title="Calendar of backups" tab=format!("Calendar · {name}") about=total(&found.value) actions=list.into_any()/>
        <section class="card calendar" aria-labelledby="month">
            <header><h2 id="month">{month.words()}</h2><p>"Days are those of UTC."</p>
                <div class="actions keep">{turn(month.previous(), "chevron-left")}{turn(month.next(), "chevron-right")}</div>
            </header>
            <table><thead><tr>{heads}</tr></thead><tbody>{weeks}</tbody></table>
            <footer><ul class="legend bare">{legend}</ul></footer>
        </section>
    })
}

fn cell(base: &str, found: &MonthRecords, date: NaiveDate, today: bool) -> AnyView {
    let day = found.day(date);
    let class = today.then_some("today");
    let number = view! { <span class="day">{date.day()}</span> };
    let Some(tone) = day.tone() else { return view! { <td class=class><span>{number}</span></td> }.into_any() };
    let words = day.words();
    let short = match tone {
        Tone::Good => file_size(day.bytes),
        Tone::Idle => day.planned.map(|at| at.format("%H:%M").to_string()).unwrap_or_default(),
        Tone::Warn | Tone::Bad | Tone::Info => words.clone(),
    };
    let marks = view! { <span class="marks" data-tone=tone.as_str()><span>{mark(tone)}<span class="size">{short}</span></span></span> };
    let inside = match tone {
        // Nothing to list yet.
        Tone::Idle => view! { <span title=words>{number}{marks}</span> }.into_any(),
        Tone::Good | Tone::Warn | Tone::Bad | Tone::Info => {
            view! { <a href=format!("{base}?day={date}") title=words.clone()>{number}{marks}<span class="sr">{words.clone()}</span></a> }.into_any()
        }
    };
    view! { <td class=class data-tone=tone.as_str()>{inside}</td> }.into_any()
}

fn mark(tone: Tone) -> AnyView {
    if tone == Tone::Idle { icon("circle-dashed") } else { tone_icon(tone) }
}

fn total(found: &MonthRecords) -> String {
    let bytes = found.backups.iter().map(|b| b.bytes).sum();
    let kept = plural(found.backups.len() as u64, "backup", "backups");
    format!(
        "In {}: {kept} kept ({}), {} failed, {} missed.",
        found.month.words(),
        file_size(bytes),
        found.failed.len(),
        found.missed.len()
    )
}
