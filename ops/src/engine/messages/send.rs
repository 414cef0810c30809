//! One message to one destination, in that destination's shape.

use super::signature::{SIGNATURE, signature};
use domain::alarm::event::{Event, Kind};
use domain::channel::{Destination, WebAddress, payload};
use ports::{Body, Call, Mail, MessageError, Ports};
use serde_json::Value;

/// `id` is that of the delivery; `instance` makes it unique among consoles.
pub(crate) async fn send(
    ports: &Ports,
    instance: &str,
    to: &Destination,
    event: &Event,
    id: i64,
) -> Result<(), MessageError> {
    let now = ports.clock.now().timestamp();
    let (url, json, signed) = match to {
        Destination::Email { server, from, to } => {
            let (subject, text) = payload::email(event);
            let mail = Mail { from: from.clone(), to: to.clone(), subject, text, id: key(instance, event, id) };
            return ports.mailer.send(server, &mail).await;
        }
        Destination::Webhook { url, secret } => (url, payload::webhook(event, id), Some(secret)),
        Destination::Slack { url } => (url, payload::slack(event), None),
        Destination::Mattermost { url } => (url, payload::mattermost(event), None),
        Destination::Discord { url } => (url, payload::discord(event), None),
    };
    let json = bytes(&json);
    let headers = signed.map(|secret| (SIGNATURE, signature(secret.expose(), now, &json))).into_iter().collect();
    ports.webhook.call(&Call { url: url.clone(), body: Some(Body { json, headers }) }).await
}

/// The dead-man ping says nothing but that it came.
pub(crate) async fn ping(ports: &Ports, url: &WebAddress) -> Result<(), MessageError> {
    ports.webhook.call(&Call { url: url.clone(), body: None }).await
}

fn bytes(json: &Value) -> Vec<u8> {
    json.to_string().into_bytes()
}

/// A test is not kept before it is sent, so it has no number yet.
fn key(instance: &str, event: &Event, id: i64) -> String {
    if event.kind == Kind::Test {
        format!("test-{}.{instance}", event.at.timestamp_millis())
    } else {
        format!("{id}.{instance}")
    }
}
