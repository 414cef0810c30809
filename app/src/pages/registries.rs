//! Sign-ins of the registries that images come from.

use super::query;
use crate::Drawn;
use crate::api::Timed;
use crate::api::registries::{RemoveRegistry, SaveRegistry, get_registry, list_registries};
use crate::components::card::Card;
use crate::components::field::{Field, Kind, TypedName};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::notice::{Done, Refused};
use crate::components::page_head::{PageHead, page};
use crate::components::table::{cell, table};
use crate::components::when::when;
use chrono::{DateTime, Utc};
use domain::registry_sign_in::View;
use leptos::prelude::*;

/// The sign-ins, and the form to save one, for the registry `host` of the address (`registry.manage`).
pub async fn registries_page() -> Drawn {
    let (form, host) = (Form::of::<SaveRegistry>(), query("host"));
    let list = list_registries().await?;
    Ok(draw(&list, &host, form))
}

fn draw(list: &Timed<Vec<View>>, host: &str, form: Form) -> AnyView {
    let body = if list.value.is_empty() {
        let none = "There are none: all registries are asked without a sign-in.";
        view! { <div class="body"><p class="quiet-text">{none}</p></div> }.into_any()
    } else {
        let heads = [("Registry", ""), ("User", ""), ("Saved", ""), ("", "")];
        table(&heads, list.value.iter().map(|one| row(one, list.now)).collect())
    };
    page(view! {
        <PageHead title="Registries" about="User and password at registries of images. The console lists tags and \
            pulls images with them."/>
        <Done/>
        <Refused form/>
        <div class="main-side">
            <div class="stack"><section class="card" aria-label="Sign-ins">{body}</section></div>
            <aside class="stack">{save(list, host, form)}</aside>
        </div>
    })
}

fn row(one: &View, now: DateTime<Utc>) -> AnyView {
    let host = one.host.to_string();
    let (change, remove) = (format!("/registries?host={host}"), format!("/registries/remove?host={host}"));
    let buttons = view! {
        <a class="button small" href=change>"Change"<span class="sr">" "{host.clone()}</span></a>
        <a class="button small warns" href=remove>"Remove"<span class="sr">" "{host.clone()}</span></a>
    };
    view! {
        <tr>
            <th scope="row"><span class="mono">{host.clone()}</span></th>
            {cell("User", "", one.user.to_string())}
            {cell("Saved", "", when(one.saved_at, now))}
            <td class="end-cell">{buttons}</td>
        </tr>
    }
    .into_any()
}

fn save(list: &Timed<Vec<View>>, host: &str, form: Form) -> AnyView {
    let user = list.value.iter().find(|one| one.host.as_str() == host).map(|one| one.user.to_string());
    let why = "Saved only if the registry takes it now. It replaces the one there is for the registry.";
    Card::new("save", "Save a sign-in").about(why).body(post(
        form,
        view! {
            <div class="body">
                <Field form name="host" label="Registry" value=host.to_owned() placeholder="registry.example.com"
                    help="As names of images begin, with its port where they have one. Docker Hub is docker.io."/>
                <Field form name="user" label="User" value=user.unwrap_or_default()/>
                <Field form name="password" label="Password or access token" kind=Kind::Password help="One that may \
                    read images is enough. Kept encrypted, never shown again."/>
            </div>
            <footer><div class="actions"><SubmitButton label="Try and save"/></div></footer>
        },
    ))
}

/// What ends with the sign-in of the address, and the host to type (`registry.manage`).
pub async fn remove_registry_page() -> Drawn {
    let (form, host) = (Form::of::<RemoveRegistry>(), query("host"));
    let one = get_registry(host).await?;
    Ok(draw_removal(&one, form))
}

fn draw_removal(one: &View, form: Form) -> AnyView {
    let host = one.host.to_string();
    let list = vec![
        Point("package", "Private images can no longer be pulled.".into(), "Nor are their tags listed.".into()),
        Point("box", "What runs goes on.".into(), "Images that the Docker host has stay there.".into()),
    ];
    page(view! {
        <PageHead title="Remove a sign-in" about=format!("{} at {host}", one.user)/>
        <Refused form/>
        {Card::new("remove", format!("The console forgets the password for {host}")).confirm().body(post(
            form,
            view! {
                <div class="body">
                    {points(list, false)}
                    <input type="hidden" name="host" value=host.clone()/>
                    <TypedName form phrase=host.clone()/>
                </div>
                <footer><div class="actions"><SubmitButton label="Remove sign-in" class="button danger"/><a class="button plain" href="/registries">"Cancel"</a></div></footer>
            },
        ))}
    })
}
