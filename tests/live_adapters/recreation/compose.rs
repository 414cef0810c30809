//! A container of a compose file, and another image for it.

use super::super::{ByHand, LABEL, pid};
use super::made::{Image, Named, Network};
use super::{between, raw, recreate, volumes};
use domain::change::Difference;
use serde_json::{Value, json};
use tests::docker::docker;

fn old_image() -> Image {
    Image::import(&[
        "ENV PATH=/old EDITION=community",
        "LABEL maker=x version=4",
        "EXPOSE 7474 7687",
        "VOLUME /data /logs",
        "WORKDIR /old",
        "USER 1",
        "ENTRYPOINT [\"/tini\"]",
        "CMD [\"old\"]",
        "HEALTHCHECK --interval=5s CMD old",
    ])
}

fn new_image() -> Image {
    Image::import(&[
        "ENV PATH=/new EXTRA=1",
        "LABEL maker=x version=5",
        "EXPOSE 7473",
        "VOLUME /data",
        "WORKDIR /new",
        "USER 2",
        "ENTRYPOINT [\"/new\"]",
        "CMD [\"new\"]",
        "HEALTHCHECK --interval=9s CMD new",
    ])
}

/// As compose makes it.
fn container(image: &Image, network: &Network) -> ByHand {
    let labels = ["--label", "com.docker.compose.project=shop", "--label", "com.docker.compose.config-hash=0af3"];
    let joins = ["--network", &network.0, "--network-alias", "graph", "--publish", "127.0.0.1:28101:7687"];
    let runs = ["--env", "NEO4J_AUTH=none", "--restart", "unless-stopped", &image.0];
    ByHand::new(&["create"], &[&labels[..], &joins[..], &runs[..]].concat())
}

#[tokio::test]
async fn a_container_of_compose_gets_another_images_defaults_and_keeps_what_its_file_says() {
    let (old_image, new_image, network) = (old_image(), new_image(), Network::create(&[]));
    let (old, new) = (container(&old_image, &network), Named::new());
    let change = Difference::Image { before: old_image.used(), after: new_image.used() };
    recreate(&old.id(), &new, &[change]).await.expect("made");
    let (before, after) = (raw(&old.id()).await, raw(&new.id()).await);
    has_the_defaults_of(&new_image, &after);
    assert_eq!((volumes(&before).len(), volumes(&after)), (2, volumes(&before)));
    let others: Vec<String> = between(&before, &new).await.into_iter().filter(|d| !d.starts_with("Config.")).collect();
    let image = format!("Image: {} → {}", before["Image"], after["Image"]);
    assert_eq!(others, ["Args: the 1th: \"old\" → \"new\"", &image, "Path: \"/tini\" → \"/new\""]);
}

fn has_the_defaults_of(image: &Image, container: &Value) {
    let config = &container["Config"];
    assert_eq!((&container["Image"], &config["Image"]), (&json!(image.used().id), &json!(image.0)));
    assert_eq!(config["Env"], json!(["NEO4J_AUTH=none", "PATH=/new", "EXTRA=1"]));
    let labels = json!({
        "com.docker.compose.project": "shop", "com.docker.compose.config-hash": "0af3", "maker": "x", "version": "5",
        LABEL: pid(),
    });
    assert_eq!(config["Labels"], labels);
    assert_eq!(config["ExposedPorts"], json!({ "7473/tcp": {}, "7687/tcp": {} }), "one of the old is published");
    assert_eq!((&config["WorkingDir"], &config["User"]), (&json!("/new"), &json!("2")));
    assert_eq!((&config["Entrypoint"], &config["Cmd"]), (&json!(["/new"]), &json!(["new"])));
    assert_eq!(config["Healthcheck"], json!({ "Test": ["CMD-SHELL", "new"], "Interval": 9_000_000_000_u64 }));
}

#[tokio::test]
async fn an_image_whose_name_means_another_by_now_is_taken_by_its_id() {
    let (old_image, new_image, network) = (old_image(), new_image(), Network::create(&[]));
    let (old, new, kept) = (container(&old_image, &network), Named::new(), Named::new());
    let change = Difference::Image { before: old_image.used(), after: new_image.used() };
    docker().run(&["tag", &old_image.0, &new_image.0]);
    recreate(&old.id(), &new, &[change]).await.expect("made");
    let made = raw(&new.id()).await;
    assert_eq!((&made["Image"], &made["Config"]["Image"]), (&json!(new_image.used().id), &json!(new_image.used().id)));
    recreate(&old.id(), &kept, &[]).await.expect("made");
    assert_eq!(raw(&kept.id()).await["Config"]["Image"], json!(old_image.0), "this one has kept its name");
}
