//! Decides which messages follow from an event, by the open alarms and what the channels want. Reads and writes
//! nothing: the result is written in one transaction (`store/outbox.rs`).

use crate::store::{ChannelRow, Outbox};
use chrono::{DateTime, Utc};
use domain::alarm::event::{Event, Kind};
use domain::alarm::policy::{Open, Repeat, is_due, recovery};
use domain::channel::Recipient;
use domain::deployment::DeploymentName;

pub(super) struct Evaluation {
    channels: Vec<ChannelRow>,
    open: Vec<Open>,
    news: Outbox,
}

impl Evaluation {
    /// With the channels there are and the alarms that are open.
    pub fn new(channels: Vec<ChannelRow>, open: Vec<Open>) -> Self {
        Self { channels, open, news: Outbox::default() }
    }

    /// Something happened, or still holds.
    pub fn begins(&mut self, event: &Event, repeat: Repeat) {
        let Some(deployment) = &event.deployment else { return };
        let open = self.open.iter().position(|o| o.kind == event.kind && &o.deployment == deployment);
        let before = open.map(|i| self.open[i].clone());
        if !is_due(event, before.as_ref(), repeat) {
            return;
        }
        let told = self.tell(event).then_some((event.at, event.level));
        if !event.kind.lasts() || (before.is_some() && told.is_none()) {
            return;
        }
        let since = before.map_or(event.at, |o| o.since);
        let now_open = Open { kind: event.kind, deployment: deployment.clone(), since, told };
        self.forget(event.kind, deployment);
        self.open.push(now_open.clone());
        self.news.open.push(now_open);
    }

    /// The condition has ended. Does nothing when it was not open.
    pub fn over(&mut self, kind: Kind, deployment: &DeploymentName, now: DateTime<Utc>) {
        let Some(open) = self.open.iter().find(|o| o.kind == kind && &o.deployment == deployment).cloned() else {
            return;
        };
        if let Some(event) = recovery(&open, now) {
            self.tell(&event);
        }
        self.forget(kind, deployment);
        self.news.over.push((kind, deployment.clone()));
    }

    /// Enqueues the dead-man ping of the event's deployment.
    pub fn ping(&mut self, event: Event) {
        if let Some(deployment) = event.deployment.clone() {
            self.news.messages.push((Recipient::Ping(deployment), event));
        }
    }

    /// Enqueues it for every channel that wants it; says whether one did.
    fn tell(&mut self, event: &Event) -> bool {
        let wanting = self.channels.iter().filter(|c| c.terms.want(event));
        let messages: Vec<_> = wanting.map(|c| (Recipient::Channel(c.name.clone()), event.clone())).collect();
        let told = !messages.is_empty();
        self.news.messages.extend(messages);
        told
    }

    fn forget(&mut self, kind: Kind, deployment: &DeploymentName) {
        self.open.retain(|o| !(o.kind == kind && &o.deployment == deployment));
    }

    /// What is to be written; nothing is left here.
    pub fn take(&mut self) -> Outbox {
        std::mem::take(&mut self.news)
    }
}
