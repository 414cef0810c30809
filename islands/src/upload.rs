//! How far an upload is. It stands in a form that uploads a file and works without it, too.

use crate::elements::form_around;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use web_sys::{DomParser, Event, FormData, HtmlFormElement, ProgressEvent, SubmitEvent, SupportedType, XmlHttpRequest};

const LOST: &str = "The connection was lost before the file was complete. Upload it again.";

/// A bar that fills while the form around it is being sent.
#[island]
pub fn UploadProgress() -> impl IntoView {
    let here = NodeRef::<leptos::html::Div>::new();
    // Percent, while it is being sent.
    let sent = RwSignal::new(None::<f64>);
    let lost = RwSignal::new(false);
    Effect::new(move |_| {
        let _ = window_event_listener(leptos::ev::submit, move |event| {
            let form = here.get_untracked().and_then(|div| form_around(&div));
            let Some(form) = form.filter(|form| is_of(&event, form)) else { return };
            // One that cannot begin is left to the browser.
            if sent.get_untracked().is_some() || send(&form, sent, lost).is_some() {
                event.prevent_default();
            }
        });
    });
    view! {
        <div node_ref=here>
            {move || sent.get().map(|percent| view! {
                <p class="small" role="status"><progress max="100" value=percent>{format!("{percent:.0} %")}</progress>
                {if percent >= 100.0 { " Checking…".to_string() } else { format!(" {percent:.0} % sent") }}</p>
            })}
            {move || lost.get().then(|| view! { <p class="error" role="alert">{LOST}</p> })}
        </div>
    }
}

fn is_of(event: &SubmitEvent, form: &HtmlFormElement) -> bool {
    event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok()).as_ref() == Some(form)
}

/// Sends the file as the browser would and goes where the answer leads.
fn send(form: &HtmlFormElement, sent: RwSignal<Option<f64>>, lost: RwSignal<bool>) -> Option<()> {
    let request = XmlHttpRequest::new().ok()?;
    let body = FormData::new_with_form(form).ok()?;
    request.open_with_async("POST", &form.action(), true).ok()?;
    request.set_request_header("accept", "text/html").ok()?;
    let progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.length_computable() && event.total() > 0.0 {
            sent.set(Some(event.loaded() / event.total() * 100.0));
        }
    });
    request.upload().ok()?.set_onprogress(Some(progress.into_js_value().unchecked_ref()));
    let (done, again) = (request.clone(), form.clone());
    let loaded = Closure::<dyn Fn(Event)>::new(move |_| match done.status() {
        Ok(200..400) => {
            let _ = window().location().set_href(&done.response_url());
        }
        _ if show(&done) => {}
        _ => lose(&again, sent, lost),
    });
    request.set_onload(Some(loaded.into_js_value().unchecked_ref()));
    let again = form.clone();
    let broken = Closure::<dyn Fn(Event)>::new(move |_| lose(&again, sent, lost));
    request.set_onerror(Some(broken.into_js_value().unchecked_ref()));
    request.send_with_opt_form_data(Some(&body)).ok()?;
    lost.set(false);
    sent.set(Some(0.0));
    Some(())
}

fn lose(form: &HtmlFormElement, sent: RwSignal<Option<f64>>, lost: RwSignal<bool>) {
    sent.set(None);
    lost.set(true);
    crate::send_once::ready(form);
}

/// Shows the page that answered in place of this one's content; false where it has none.
fn show(request: &XmlHttpRequest) -> bool {
    let shown = || {
        let text = request.response_text().ok()??;
        let page = DomParser::new().ok()?.parse_from_string(&text, SupportedType::TextHtml).ok()?;
        let main = page.query_selector("main").ok()??;
        let answer = document().import_node_with_deep(&main, true).ok()?;
        document().query_selector("main").ok()??.replace_with_with_node_1(&answer).ok()
    };
    shown().is_some()
}
