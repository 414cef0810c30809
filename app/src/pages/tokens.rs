//! The tokens of the API, on the page of one's own account.

use crate::Drawn;
use crate::api::Timed;
use crate::api::tokens::{RevokeToken, list_tokens};
use crate::components::card::Card;
use crate::components::form::{Form, SubmitButton, post};
use crate::components::notice::Refused;
use crate::components::status::status;
use crate::components::table::{cell, table};
use crate::components::when::when;
use chrono::{DateTime, Utc};
use domain::token::View;
use leptos::prelude::*;

/// The card with one's own tokens; an admin sees everybody's.
pub async fn tokens() -> Drawn {
    let form = Form::of::<RevokeToken>();
    let list = list_tokens().await?;
    Ok(draw(&list, form))
}

fn draw(list: &Timed<Vec<View>>, form: Form) -> AnyView {
    let about = "Programs use them for the REST API, with the permissions of their member. Changing the password \
        revokes one\u{2019}s own.";
    let body = if list.value.is_empty() {
        view! { <div class="body"><p class="quiet-text">"There are none. On the console\u{2019}s machine: \
        neo4j-admin-console token create NAME"</p></div> }
        .into_any()
    } else {
        let heads = [("Token", ""), ("State", ""), ("Made", ""), ("Last used", ""), ("", "")];
        table(&heads, list.value.iter().map(|token| row(token, list.now, form)).collect())
    };
    Card::new("tokens", "API tokens").about(about).body(view! { <Refused form/>{body} }).into_any()
}

fn row(token: &View, now: DateTime<Utc>, form: Form) -> AnyView {
    let name =
        if token.label.as_str().is_empty() { format!("Token {}", token.id) } else { token.label.as_str().to_owned() };
    let (tone, words) = token.state(now);
    let used = match &token.last_used {
        Some((at, from)) => view! { {when(*at, now)}<span class="sub">"from "{from.clone()}</span> }.into_any(),
        None => "never".into_any(),
    };
    let until = view! { {status(tone, words)}<span class="sub">"until "{when(token.expires_at, now)}</span> };
    let revoke = view! {
        {post(form, view! { <input type="hidden" name="token" value=token.id.to_string()/><SubmitButton label="Revoke" class="button small warns"/> })}
    };
    view! {
        <tr>
            <th scope="row">{name}<span class="sub">"of "{token.member.clone()}</span></th>
            {cell("State", "", until)}
            {cell("Made", "", when(token.made_at, now))}
            {cell("Last used", "", used)}
            <td class="end-cell">{revoke}</td>
        </tr>
    }
    .into_any()
}
