//! Times in the viewer's own zone. The server writes them in UTC, which stays in the title.

use crate::elements::all;
use js_sys::{Array, Date, Object, Reflect};
use web_sys::Element;

const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// For all `<time>` below `element`. Nothing to do for whoever lives by UTC.
pub fn localise(element: &Element) {
    for time in all::<Element>(element.query_selector_all("time[datetime]")) {
        let date = Date::new(&time.get_attribute("datetime").unwrap_or_default().into());
        if date.get_time().is_nan() || date.get_timezone_offset() == 0.0 {
            continue;
        }
        let utc = time.get_attribute("title").unwrap_or_default();
        if !utc.ends_with("UTC") || utc.contains('(') {
            continue;
        }
        let local = format!("{} {}", full(&date), zone(&date));
        let _ = time.set_attribute("title", &format!("{local} ({utc})"));
        match time.get_attribute("data-shows").as_deref() {
            Some("full") => time.set_text_content(Some(&local)),
            Some("clock") => time.set_text_content(Some(&clock(&date))),
            // `6 h ago` is the same everywhere.
            _ => {}
        }
    }
}

/// As `domain::text::full_time` writes it.
fn full(date: &Date) -> String {
    let of = |names: &[&'static str], index: u32| names.get(index as usize).copied().unwrap_or_default();
    format!(
        "{} {} {} {}, {:02}:{:02}",
        of(&DAYS, date.get_day()),
        date.get_date(),
        of(&MONTHS, date.get_month()),
        date.get_full_year(),
        date.get_hours(),
        date.get_minutes()
    )
}

fn clock(date: &Date) -> String {
    format!("{:02}:{:02}:{:02}", date.get_hours(), date.get_minutes(), date.get_seconds())
}

/// `CET`, or `GMT+1` where the browser knows no letters for it.
fn zone(date: &Date) -> String {
    let options = Object::new();
    let _ = Reflect::set(&options, &"timeZoneName".into(), &"short".into());
    let format = js_sys::Intl::DateTimeFormat::new(&Array::of1(&"en-GB".into()), &options);
    let parts = format.format_to_parts(date);
    let text = |part: &leptos::wasm_bindgen::JsValue, key: &str| {
        Reflect::get(part, &key.into()).ok().and_then(|value| value.as_string()).unwrap_or_default()
    };
    parts.iter().find(|part| text(part, "type") == "timeZoneName").map(|part| text(&part, "value")).unwrap_or_default()
}
