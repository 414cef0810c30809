//! Adding, changing, testing and removing channels.

use crate::console::context::{Change, Context, Query};
use crate::engine::messages::send::send;
use crate::engine::messages::{after, destination, sealed};
use crate::error::{Error, Result};
use domain::Invalid;
use domain::alarm::event::{Event, Kind as EventKind};
use domain::alarm::policy::Quiet;
use domain::channel::delivery::findings;
use domain::channel::{ChannelName, Delivery, DeliveryState, Destination, Recipient, Secret, Terms, View};
use domain::permission::Permission;
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

/// More would be a mistake: each event goes to every channel.
const MOST: usize = 50;

/// A secret for the generic web hook, when nobody brought one: 256 bits of chance.
pub fn fresh_secret() -> Secret {
    let bytes: [u8; 32] = rand::random();
    Secret::parse(&hex::encode(bytes)).expect("64 hexadecimal digits are a secret")
}

fn zone_exists(quiet: Option<&Quiet>) -> Result<(), Invalid> {
    let unknown = |q: &Quiet| q.time_zone.parse::<chrono_tz::Tz>().is_err();
    match quiet.filter(|q| unknown(q)) {
        Some(_) => Err(Invalid::new("time_zone", "There is no such time zone. Write one like Europe/Vienna or UTC.")),
        None => Ok(()),
    }
}

/// Adds a channel; its destination is sealed.
pub struct AddChannel {
    pub name: ChannelName,
    pub destination: Destination,
    pub terms: Terms,
}

impl Change for AddChannel {
    const NAME: &'static str = "add channel";
    const NEEDS: &'static [Permission] = &[Permission::NotificationManage];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        format!("{}: {} {}", self.name, self.destination.kind().as_str(), self.destination.shown())
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        zone_exists(self.terms.quiet.as_ref())?;
        if cx.store().channels().await?.len() >= MOST {
            return Err(Error::conflict(format!("There are {MOST} channels already. Remove one first.")));
        }
        let row = sealed(&self.name, &self.destination, self.terms, cx.seal())?;
        cx.store().insert_channel(&row, cx.now()).await
    }
}

/// What is absent stays as it is.
pub struct ChangeChannel {
    pub name: ChannelName,
    pub destination: Option<Destination>,
    pub events: Option<Vec<EventKind>>,
    pub paused: Option<bool>,
    /// `Some(None)` ends the quiet hours.
    pub quiet: Option<Option<Quiet>>,
}

impl Change for ChangeChannel {
    const NAME: &'static str = "change channel";
    const NEEDS: &'static [Permission] = &[Permission::NotificationManage];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        match &self.destination {
            Some(to) => format!("{}: {} {}", self.name, to.kind().as_str(), to.shown()),
            None => self.name.to_string(),
        }
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        let mut row = cx.store().channel(&self.name).await?;
        let quiet = self.quiet.unwrap_or(row.terms.quiet);
        zone_exists(quiet.as_ref())?;
        row.terms = Terms {
            events: self.events.unwrap_or(row.terms.events),
            paused: self.paused.unwrap_or(row.terms.paused),
            quiet,
        };
        if let Some(to) = &self.destination {
            row = sealed(&self.name, to, row.terms, cx.seal())?;
        }
        cx.store().set_channel(&row).await
    }
}

/// With its delivery log. What still waits is not sent.
#[derive(Serialize, Deserialize)]
pub struct RemoveChannel {
    pub name: ChannelName,
}

impl Change for RemoveChannel {
    const NAME: &'static str = "remove channel";
    const NEEDS: &'static [Permission] = &[Permission::NotificationManage];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        self.name.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        cx.store().channel(&self.name).await?;
        cx.store().delete_channel(&self.name).await
    }
}

/// Sends a message now, also to a paused channel and in quiet hours, and says what failed. It stands in the delivery
/// log.
pub struct TestChannel {
    pub name: ChannelName,
}

impl Change for TestChannel {
    const NAME: &'static str = "test channel";
    const NEEDS: &'static [Permission] = &[Permission::NotificationManage];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        self.name.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        let row = cx.store().channel(&self.name).await?;
        let destination = destination(&row, cx.seal())?;
        let event = Event::test(row.name.as_str(), &cx.actor.name, cx.now());
        let sent = send(cx.ports(), &cx.store().instance().await?, &destination, &event, 0).await;
        let log = sent.clone().map_err(|error| error.line());
        let tried = after(&untried(Recipient::Channel(row.name), event), log, cx.now());
        // It was one try: nobody wants a test an hour later.
        let state = if sent.is_ok() { DeliveryState::Delivered } else { DeliveryState::Failed };
        cx.store().insert_tried(&Delivery { state, next_at: None, ..tried }).await?;
        Ok(sent?)
    }
}

fn untried(recipient: Recipient, event: Event) -> Delivery {
    Delivery {
        id: 0,
        recipient,
        at: event.at,
        event,
        attempts: 0,
        state: DeliveryState::Waiting,
        tried_at: None,
        problem: None,
        next_at: None,
    }
}

/// All channels with the last delivery of each and what is wrong.
pub struct ListChannels {}

impl Query for ListChannels {
    const NEEDS: &'static [Permission] = &[Permission::NotificationManage];
    type Answer = Vec<View>;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<View>> {
        let mut all = Vec::new();
        for row in cx.store().channels().await? {
            let log = cx.store().delivery_page(Some(&Recipient::Channel(row.name.clone())), 1).await?.items;
            let found = findings(&log, cx.now());
            all.push(View {
                name: row.name,
                kind: row.kind,
                destination: row.shown,
                terms: row.terms,
                last: log.into_iter().next(),
                findings: found,
            });
        }
        Ok(all)
    }
}
