//! What is sent to each kind of channel: pure functions of the event. Names in an event come from people and
//! containers, so each shape makes them plain text there: nobody is pinged, no link, markup or header can be smuggled
//! in.

use crate::alarm::event::{Event, Level};
use serde_json::{Value, json};

/// Name under which messages appear.
const SENDER: &str = "Neo4j Admin Console";

/// The generic web hook. `id` is the same in every try of one message, so that a receiver can tell a repeat.
pub fn webhook(event: &Event, id: i64) -> Value {
    json!({
        "id": id,
        "event": event.kind,
        "of": event.of,
        "level": event.level,
        "title": event.title,
        "means": event.means,
        "todo": event.todo,
        "deployment": event.deployment,
        "job": event.job,
        "at": event.at,
    })
}

/// `plain_text` blocks know no markup. The text beside them is for notifications, where `<…>` could ping.
pub fn slack(event: &Event) -> Value {
    let escaped = |text: &str| no_mention(&text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
    let plain =
        |text: &str, most| json!({ "type": "plain_text", "text": bounded(&no_mention(text), most), "emoji": false });
    let mut blocks =
        vec![json!({ "type": "header", "text": plain(&format!("{} {}", sign(event.level), event.title), 150) })];
    let body = body(event);
    if !body.is_empty() {
        blocks.push(json!({ "type": "section", "text": plain(&body, 3000) }));
    }
    json!({ "text": bounded(&escaped(&event.title), 1000), "link_names": false, "unfurl_links": false, "blocks": blocks })
}

/// The body of a Mattermost web hook.
pub fn mattermost(event: &Event) -> Value {
    let text = |text: &str, most| no_mention(&markdown_escaped(&bounded(text, most)));
    json!({
        "username": SENDER,
        "text": format!("{} **{}**", sign(event.level), text(&event.title, 500)),
        "attachments": [{ "fallback": no_mention(&bounded(&event.title, 500)), "color": format!("#{:06x}", colour(event.level)), "text": text(&body(event), 4000) }],
    })
}

/// Discord itself is told to ping nobody; the escapes keep links and markup out.
pub fn discord(event: &Event) -> Value {
    let text = |text: &str, most| no_mention(&markdown_escaped(&bounded(text, most)));
    json!({
        "username": SENDER,
        "allowed_mentions": { "parse": [] },
        "embeds": [{
            "title": text(&format!("{} {}", sign(event.level), event.title), 120),
            "description": text(&body(event), 2000),
            "color": colour(event.level),
            "timestamp": event.at,
        }],
    })
}

/// Subject and text of an e-mail. The subject is one line.
pub fn email(event: &Event) -> (String, String) {
    let subject: String = event.title.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let subject = format!("[neo4j] {}{subject}", if event.level == Level::Critical { "CRITICAL: " } else { "" });
    let facts = [
        event.deployment.as_ref().map(|name| format!("Deployment: {name}")),
        event.job.map(|job| format!("Job: {job}")),
        Some(format!("Event: {} ({})", event.kind.as_str(), event.level.as_str())),
        Some(format!("At: {}", event.at.format("%Y-%m-%d %H:%M:%S UTC"))),
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    let body = body(event);
    let parts = [event.title.as_str(), body.as_str(), &facts.join("\n")];
    let text = parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("\n\n");
    (bounded(&subject, 200), format!("{text}\n\n-- \n{SENDER}\n"))
}

/// What it means and the numbered steps.
fn body(event: &Event) -> String {
    let steps: Vec<String> = event.todo.iter().enumerate().map(|(i, step)| format!("{}. {step}", i + 1)).collect();
    [event.means.clone(), steps.join("\n")].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("\n\n")
}

const fn sign(level: Level) -> char {
    match level {
        Level::Info => '\u{2139}',
        Level::Warning => '\u{26a0}',
        Level::Critical => '\u{1f6a8}',
    }
}

const fn colour(level: Level) -> u32 {
    match level {
        Level::Info => 0x3b_82f6,
        Level::Warning => 0xd9_7706,
        Level::Critical => 0xdc_2626,
    }
}

/// A zero-width space behind each `@`: "@everyone" stays readable and pings nobody.
fn no_mention(text: &str) -> String {
    text.replace('@', "@\u{200b}")
}

/// Every sign that means something to Markdown, and the colon of a link's scheme.
fn markdown_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if "\\`*_{}[]()<>#+-!|~".contains(c) {
            out.push('\\');
        }
        out.push(c);
        if c == ':' {
            out.push('\u{200b}');
        }
    }
    out
}

/// At most this many characters; what was cut shows.
fn bounded(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.into() } else { text.chars().take(most - 1).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::DeploymentName;
    use crate::job::JobId;
    use chrono::DateTime;

    fn event(title: &str, means: &str) -> Event {
        Event {
            kind: crate::alarm::event::Kind::BackupFailed,
            level: Level::Warning,
            title: title.into(),
            means: means.into(),
            todo: vec!["Free some space.".into(), "Then back up again.".into()],
            deployment: Some(DeploymentName::parse("sales").expect("a name")),
            job: Some(JobId(7)),
            ..Event::test("ops", "ana", DateTime::from_timestamp(1_795_000_000, 0).expect("a time"))
        }
    }

    fn plain() -> Event {
        event("The backup of sales failed.", "The disk is full.")
    }

    fn nasty() -> Event {
        event("\"x\" @everyone <!channel> <@U1> **b** [a](https://e.vil)", "</b>\r\nBcc: x@y.z <script>`code`")
    }

    #[test]
    fn the_generic_hook_carries_every_member() {
        assert_eq!(
            webhook(&plain(), 42),
            json!({
                "id": 42, "event": "backup_failed", "of": null, "level": "warning", "title": "The backup of sales failed.", "means": "The disk is full.",
                "todo": ["Free some space.", "Then back up again."], "deployment": "sales", "job": 7, "at": "2026-11-18T11:06:40Z"
            })
        );
    }

    #[test]
    fn slack_gets_plain_text_blocks() {
        let block = |kind: &str, text: &str| json!({ "type": kind, "text": { "type": "plain_text", "text": text, "emoji": false } });
        let body = "The disk is full.\n\n1. Free some space.\n2. Then back up again.";
        let blocks = [block("header", "\u{26a0} The backup of sales failed."), block("section", body)];
        assert_eq!(
            slack(&plain()),
            json!({ "text": "The backup of sales failed.", "link_names": false, "unfurl_links": false, "blocks": blocks })
        );
        let text = slack(&nasty())["text"].to_string();
        assert!(text.contains("@\u{200b}everyone &lt;!channel&gt; &lt;@\u{200b}U1&gt;"), "{text}");
    }

    #[test]
    fn mattermost_gets_an_attachment_in_which_nothing_is_markup() {
        assert_eq!(
            mattermost(&plain()),
            json!({
                "username": "Neo4j Admin Console",
                "text": "\u{26a0} **The backup of sales failed.**",
                "attachments": [{
                    "fallback": "The backup of sales failed.", "color": "#d97706",
                    "text": "The disk is full.\n\n1. Free some space.\n2. Then back up again."
                }]
            })
        );
        let text = mattermost(&nasty())["text"].as_str().expect("text").to_string();
        assert!(
            text.contains(
                "@\u{200b}everyone \\<\\!channel\\> \\<@\u{200b}U1\\> \\*\\*b\\*\\* \\[a\\]\\(https:\u{200b}//e.vil\\)"
            ),
            "{text}"
        );
    }

    #[test]
    fn discord_is_told_to_ping_nobody() {
        assert_eq!(
            discord(&plain()),
            json!({
                "username": "Neo4j Admin Console",
                "allowed_mentions": { "parse": [] },
                "embeds": [{
                    "title": "\u{26a0} The backup of sales failed.",
                    "description": "The disk is full.\n\n1. Free some space.\n2. Then back up again.",
                    "color": 0x00d9_7706, "timestamp": "2026-11-18T11:06:40Z"
                }]
            })
        );
        let sent = discord(&nasty()).to_string();
        assert!(!sent.contains("@everyone") && !sent.contains("[a](") && sent.contains("\\\\`code\\\\`"), "{sent}");
    }

    #[test]
    fn an_email_is_plain_text_with_a_subject_of_one_line() {
        let (subject, text) = email(&plain());
        assert_eq!(subject, "[neo4j] The backup of sales failed.");
        assert_eq!(
            text,
            "The backup of sales failed.\n\nThe disk is full.\n\n1. Free some space.\n2. Then back up \
             again.\n\nDeployment: sales\nJob: 7\nEvent: backup_failed (warning)\nAt: 2026-11-18 11:06:40 UTC\n\n-- \nNeo4j Admin Console\n"
        );
        let critical = Event { level: Level::Critical, title: "a\r\nBcc: x@y.z".into(), ..plain() };
        assert_eq!(email(&critical).0, "[neo4j] CRITICAL: a  Bcc: x@y.z");
    }

    #[test]
    fn very_long_texts_fit_what_the_receivers_take() {
        let long = event(&"t".repeat(9000), &"m".repeat(9000));
        assert_eq!(slack(&long)["blocks"][0]["text"]["text"].as_str().map(|t| t.chars().count()), Some(150));
        assert_eq!(slack(&long)["blocks"][1]["text"]["text"].as_str().map(|t| t.chars().count()), Some(3000));
        let title = discord(&event(&"*".repeat(9000), &"*".repeat(9000)));
        assert!(title["embeds"][0]["title"].as_str().is_some_and(|t| t.chars().count() <= 256));
        assert!(title["embeds"][0]["description"].as_str().is_some_and(|t| t.chars().count() <= 4096));
    }
}
