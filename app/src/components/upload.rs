//! A file that becomes a backup. Not by a server function: it is streamed as it comes.

use super::card::Card;
use islands::UploadProgress;
use leptos::prelude::*;

/// `deployment`: what a bare dump is for. Without one only bundles are taken, which say so themselves.
pub fn upload(deployment: Option<&str>) -> AnyView {
    let (why, types) = match deployment {
        Some(_) => (
            "The .tar that Download gave, or a bare .dump of neo4j-admin. A dump is first loaded into a scratch server \
             and counted there; Neo4j runs on.",
            ".tar,.dump,application/x-tar",
        ),
        None => (
            "The .tar that Download gave, from this console or another one. It is kept here and read back; then it can \
             be restored.",
            ".tar,application/x-tar",
        ),
    };
    // Before the file: a form is read in its order.
    let hidden = deployment.map(|name| view! { <input type="hidden" name="deployment" value=name.to_string()/> });
    Card::new("upload", "Upload a backup").about(why).body(view! {
        <form method="post" action="/upload" enctype="multipart/form-data">
            {hidden}
            <div class="body"><div class="field">
                <label for="file">"File"</label>
                <input class="input" id="file" name="file" type="file" accept=types required=true/>
                <UploadProgress/>
            </div></div>
            <footer><div class="actions"><button class="button" type="submit">"Upload backup"</button></div></footer>
        </form>
    })
}
