//! Set-up and sign-in: what happens before there is an actor. Tokens: `tokens.rs`.

use crate::actor::{Actor, Via};
use crate::console::Console;
use crate::crypto::token::{fresh_token, token_hash};
use crate::engine::audit_log::New;
use crate::engine::passwords::COMMON_PASSWORDS;
use crate::error::{Error, Result};
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::Outcome;
use domain::member::{MemberId, MemberName, NewPassword, Role};
use domain::problem::ProblemKind;
use domain::throttle::{network_of, throttle_keys};
use domain::{Invalid, Problem};

const SETUP_TOKEN: &str = "setup_token";
const SETUP_HOURS: i64 = 24;

impl Console {
    /// The time of the clock port.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.state.ports.clock.now()
    }

    /// One entry of the audit log, of what no use case does and what has no target.
    pub(crate) async fn record(&self, who: &Actor, act: &'static str, outcome: Outcome, detail: &str) -> Result<()> {
        let entry = New { actor: who, act, target: String::new(), detail: String::new() };
        self.state.audit_log().record(&entry, outcome, detail).await
    }

    /// As [`Console::record`], of what the command line did to a target.
    pub(crate) async fn record_by_hand(&self, act: &'static str, target: String) -> Result<()> {
        let entry = New { actor: &Actor::command_line(), act, target, detail: String::new() };
        self.state.audit_log().record(&entry, Outcome::Done, "").await
    }

    /// True while there is no member.
    pub async fn setup_open(&self) -> Result<bool> {
        Ok(self.state.store.member_count().await? == 0)
    }

    /// A new one-time token for the set-up link, replacing an older one; `None` once there is a member.
    pub async fn setup_token(&self) -> Result<Option<String>> {
        if !self.setup_open().await? {
            return Ok(None);
        }
        let token = fresh_token();
        let until = (self.now() + TimeDelta::hours(SETUP_HOURS)).timestamp();
        self.state.store.set_value(SETUP_TOKEN, Some(&format!("{until} {}", token_hash(&token)))).await?;
        Ok(Some(token))
    }

    async fn check_setup_token(&self, token: &str) -> Result<()> {
        let refused = || {
            Invalid::new("token", "This set-up link is not valid any more. Restart the console; it prints a new one.")
        };
        let stored = self.state.store.value(SETUP_TOKEN).await?.ok_or_else(refused)?;
        let (until, hash) = stored.split_once(' ').ok_or_else(refused)?;
        let fresh = until.parse::<i64>().is_ok_and(|t| self.now().timestamp() < t);
        if fresh && hash == token_hash(token) { Ok(()) } else { Err(refused().into()) }
    }

    /// Makes the first admin. The link works once.
    pub async fn set_up(&self, token: &str, name: &str, password: &str, address: &str) -> Result<Actor> {
        if !self.setup_open().await? {
            return Err(Error::conflict("The console is already set up. Sign in instead."));
        }
        self.check_setup_token(token).await?;
        let name = MemberName::parse(name)?;
        let password = NewPassword::parse(password, COMMON_PASSWORDS)?;
        let hash = self.state.hashing.hash(password.expose()).await?;
        self.state.store.insert_member(name.as_str(), Role::Admin, &hash, self.now(), true).await?;
        self.state.store.set_value(SETUP_TOKEN, None).await?;
        let row = self
            .state
            .store
            .member_named(name.as_str())
            .await?
            .ok_or_else(|| Error::internal("the new member is gone"))?;
        let who = Actor::of(&row, Via::Browser, address);
        self.record(&who, "set up console", Outcome::Done, "").await?;
        Ok(who)
    }

    /// Signs a member in. The same answer after the same work for an unknown name and a wrong password.
    pub async fn sign_in(&self, name: &str, password: &str, address: &str) -> Result<Actor> {
        // Bounded, so that a subject of the throttle cannot be made huge.
        let name: String = name.trim().chars().take(MemberName::MAX).collect();
        let (store, network) = (&self.state.store, network_of(address));
        let keys = throttle_keys(&name, &network, store.is_known(&name, &network, self.now()).await?);
        if let Some(wait) = store.begin_try(&keys, self.now()).await? {
            return Err(Problem::new(
                ProblemKind::Conflict,
                format!("Too many wrong tries. Wait {wait}, then try again."),
            )
            .into());
        }
        let row = store.member_named(&name).await?;
        let hash = row.as_ref().map(|r| r.password_hash.clone());
        let right = match self.state.hashing.is_right(password.chars().take(NewPassword::MAX + 1).collect(), hash).await
        {
            Ok(right) => right,
            Err(not_looked_at) => {
                store.forget_try(&keys).await?;
                return Err(not_looked_at);
            }
        };
        let Some(row) = row.filter(|r| right && !r.member.disabled) else {
            let who = Actor::unproven(name, Via::Browser, address);
            self.record(&who, "sign in", Outcome::Denied, "wrong name or password").await?;
            return Err(Problem::new(ProblemKind::Invalid, "The name or the password is wrong.")
                .next_step("Try again, or ask a console admin.")
                .into());
        };
        let who = Actor::of(&row, Via::Browser, address);
        store.good_sign_in(&name, &network, &keys, self.now()).await?;
        store.set_last_sign_in(row.member.id, self.now()).await?;
        self.record(&who, "sign in", Outcome::Done, "").await?;
        Ok(who)
    }

    /// Forgets wrong tries, for whoever holds the console's machine.
    pub async fn unlock_from_command_line(&self, name: &str) -> Result<()> {
        let row = self.state.store.member_named(name).await?.ok_or_else(|| Error::not_found("member", name))?;
        self.state.store.unlock(&row.member.name).await?;
        self.record_by_hand("unlock member", row.member.name).await
    }

    /// Who a session stands for now. `None`: gone, disabled, or the password was changed since.
    pub async fn actor_of_session(&self, id: MemberId, epoch: i64, address: &str) -> Result<Option<Actor>> {
        let row = self.state.store.member(id).await?;
        Ok(row.filter(|r| !r.member.disabled && r.epoch == epoch).map(|r| Actor::of(&r, Via::Browser, address)))
    }

    /// For whoever holds the console's machine and data directory.
    pub async fn add_member_from_command_line(&self, name: &str, role: Role, password: &str) -> Result<MemberId> {
        let name = MemberName::parse(name)?;
        let password = NewPassword::parse(password, COMMON_PASSWORDS)?;
        let hash = self.state.hashing.hash(password.expose()).await?;
        let id = self.state.store.insert_member(name.as_str(), role, &hash, self.now(), false).await?;
        self.record_by_hand("add member", format!("{} as {}", name.as_str(), role.as_str())).await?;
        Ok(id)
    }
}
