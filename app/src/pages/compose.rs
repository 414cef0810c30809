//! A deployment as a Compose file.

use super::param;
use crate::Drawn;
use crate::api::new_deployments::get_compose_file;
use crate::components::page_head::{PageHead, page};
use leptos::prelude::*;

/// Of the deployment of the address (`config.change`).
pub async fn compose_page() -> Drawn {
    let name = param("name");
    let file = get_compose_file(name.clone()).await?;
    let about = "What its container is now, to run the same one without the console. Values that may be secret are \
        left out: give them when you call Compose.";
    Ok(page(view! {
        <PageHead title="Compose file" tab=format!("Compose file · {name}") about=about/>
        <section class="card" aria-label="docker-compose.yml">
            <div class="body"><pre class="code" tabindex="0">{file}</pre></div>
        </section>
    }))
}
