//! Adding, changing, testing and removing channels.

use super::deliver::after;
use super::send::send;
use crate::console::{Change, Query, Scene};
use crate::error::{Error, Result};
use crate::seal::Seal;
use crate::store::ChannelRow;
use domain::Invalid;
use domain::alarm::event::{Event, Kind as EventKind};
use domain::alarm::telling::Quiet;
use domain::channel::delivery::findings;
use domain::channel::{ChannelName, Delivery, DeliveryState, Destination, Recipient, Secret, Terms, View};
use domain::permission::Permission;

/// More would be a mistake: each event goes to each of them.
const MOST: usize = 50;

/// What `channel <name>` in a sealed text is bound to.
fn seal_about(name: &ChannelName) -> String {
    format!("channel {name}")
}

pub(super) fn destination(row: &ChannelRow, seal: &Seal) -> Result<Destination> {
    Ok(serde_json::from_str(&seal.open(&seal_about(&row.name), &row.sealed)?)?)
}

fn sealed(name: &ChannelName, destination: &Destination, terms: Terms, seal: &Seal) -> Result<ChannelRow> {
    let sealed = seal.seal(&seal_about(name), &serde_json::to_string(destination)?)?;
    Ok(ChannelRow { name: name.clone(), kind: destination.kind(), shown: destination.shown(), sealed, terms })
}

/// A secret for the generic web hook, when nobody brought one: 256 bits of chance.
pub fn fresh_secret() -> Secret {
    let bytes: [u8; 32] = rand::random();
    Secret::parse(&crate::bundle::hex(&bytes)).expect("64 hexadecimal digits are a secret")
}

fn zone_exists(quiet: Option<&Quiet>) -> Result<(), Invalid> {
    let unknown = |q: &Quiet| q.time_zone.parse::<chrono_tz::Tz>().is_err();
    match quiet.filter(|q| unknown(q)) {
        Some(_) => Err(Invalid::new("time_zone", "There is no such time zone. Write one like Europe/Vienna or UTC.")),
        None => Ok(()),
    }
}

pub struct AddChannel {
    pub name: ChannelName,
    pub destination: Destination,
    pub terms: Terms,
}

impl Change for AddChannel {
    const NAME: &'static str = "add channel";
    const NEEDS: Permission = Permission::NotificationManage;
    type Outcome = ();
    fn target(&self) -> String {
        format!("{}: {} {}", self.name, self.destination.kind().as_str(), self.destination.shown())
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<()> {
        zone_exists(self.terms.quiet.as_ref())?;
        if scene.store().channels().await?.len() >= MOST {
            return Err(Error::conflict(format!("There are {MOST} channels already. Remove one first.")));
        }
        let row = sealed(&self.name, &self.destination, self.terms, scene.seal())?;
        scene.store().insert_channel(&row, scene.now()).await
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
    const NEEDS: Permission = Permission::NotificationManage;
    type Outcome = ();
    fn target(&self) -> String {
        match &self.destination {
            Some(to) => format!("{}: {} {}", self.name, to.kind().as_str(), to.shown()),
            None => self.name.to_string(),
        }
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<()> {
        let mut row = scene.store().channel(&self.name).await?;
        let quiet = self.quiet.unwrap_or(row.terms.quiet);
        zone_exists(quiet.as_ref())?;
        row.terms = Terms { events: self.events.unwrap_or(row.terms.events), paused: self.paused.unwrap_or(row.terms.paused), quiet };
        if let Some(to) = &self.destination {
            row = sealed(&self.name, to, row.terms, scene.seal())?;
        }
        scene.store().set_channel(&row).await
    }
}

/// With its delivery log. What still waits is not sent.
pub struct RemoveChannel {
    pub name: ChannelName,
}

impl Change for RemoveChannel {
    const NAME: &'static str = "remove channel";
    const NEEDS: Permission = Permission::NotificationManage;
    type Outcome = ();
    fn target(&self) -> String {
        self.name.to_string()
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<()> {
        scene.store().channel(&self.name).await?;
        scene.store().delete_channel(&self.name).await
    }
}

/// Sends a message now, also to a paused channel and in quiet hours, and says what failed. It stands in the delivery log.
pub struct TestChannel {
    pub name: ChannelName,
}

impl Change for TestChannel {
    const NAME: &'static str = "test channel";
    const NEEDS: Permission = Permission::NotificationManage;
    type Outcome = ();
    fn target(&self) -> String {
        self.name.to_string()
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<()> {
        let row = scene.store().channel(&self.name).await?;
        let destination = destination(&row, scene.seal())?;
        let event = Event::test(row.name.as_str(), &scene.actor.name, scene.now());
        let sent = send(scene.ports(), &scene.store().instance().await?, &destination, &event, 0).await;
        let log = sent.clone().map_err(|error| error.line());
        let tried = after(&untried(Recipient::Channel(row.name), event), log, scene.now());
        // It was one try: nobody wants a test an hour later.
        let state = if sent.is_ok() { DeliveryState::Delivered } else { DeliveryState::Failed };
        scene.store().insert_tried(&Delivery { state, next_at: None, ..tried }).await?;
        Ok(sent?)
    }
}

fn untried(recipient: Recipient, event: Event) -> Delivery {
    Delivery { id: 0, recipient, at: event.at, event, attempts: 0, state: DeliveryState::Waiting, tried_at: None, problem: None, next_at: None }
}

/// All channels with the last delivery of each and what is wrong.
pub struct ListChannels {}

impl Query for ListChannels {
    const NEEDS: Permission = Permission::NotificationManage;
    type Answer = Vec<View>;
    async fn answer(self, scene: &Scene<'_>) -> Result<Vec<View>> {
        let mut all = Vec::new();
        for row in scene.store().channels().await? {
            let log = scene.store().delivery_page(Some(&Recipient::Channel(row.name.clone())), 1).await?.items;
            let found = findings(&log, scene.now());
            all.push(View { name: row.name, kind: row.kind, destination: row.shown, terms: row.terms, last: log.into_iter().next(), findings: found });
        }
        Ok(all)
    }
}
