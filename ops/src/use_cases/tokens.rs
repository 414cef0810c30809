//! Bearer tokens: listing and revoking them. They are made on the command line of the console's machine
//! ([`Console::create_token`]), where the one time they are shown can be.

use crate::actor::{Actor, Via};
use crate::console::Console;
use crate::console::context::{Change, Context, Query};
use crate::crypto::token::{fresh_token, token_hash};
use crate::error::{Error, Result};
use domain::audit::Outcome;
use domain::member::MemberId;
use domain::permission::Permission;
use domain::scope::{Scope, Subject};
use domain::throttle::{ThrottleKey, network_of};
use domain::token::{Label, Life, TokenId, View};
use serde::{Deserialize, Serialize};

/// One's own; everybody's for whoever manages members.
pub struct ListTokens {}

impl Query for ListTokens {
    const NEEDS: &'static [Permission] = &[Permission::OwnAccount];
    type Answer = Vec<View>;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<View>> {
        cx.store().tokens(whose(cx)).await
    }
}

/// `None`: anybody's.
fn whose(cx: &Context<'_>) -> Option<MemberId> {
    (!cx.actor.may(Permission::MemberManage, &Scope::everywhere())).then_some(cx.actor.id)
}

/// From the next request on it is no token.
#[derive(Serialize, Deserialize)]
pub struct RevokeToken {
    pub token: TokenId,
}

impl Change for RevokeToken {
    const NAME: &'static str = "revoke token";
    const NEEDS: &'static [Permission] = &[Permission::OwnAccount];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        self.token.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        match cx.store().delete_token(self.token, whose(cx)).await? {
            true => Ok(()),
            // Somebody else's, or none: whoever asks learns nothing of which.
            false => Err(Error::not_found("token", self.token.to_string())),
        }
    }
}

impl Console {
    /// A bearer token with the member's permissions. Shown once, stored hashed.
    pub async fn create_token(&self, member: &str, label: &Label, life: Life) -> Result<String> {
        let row = self.state.store.member_named(member).await?.ok_or_else(|| Error::not_found("member", member))?;
        let token = fresh_token();
        self.state
            .store
            .insert_token(row.member.id, label, &token_hash(&token), self.now(), life.end(self.now()))
            .await?;
        self.record_by_hand("create token", format!("{} of {}", label.as_str(), row.member.name)).await?;
        Ok(token)
    }

    /// Everybody's, for whoever holds the console's machine.
    pub async fn tokens_from_command_line(&self) -> Result<Vec<View>> {
        self.state.store.tokens(None).await
    }

    /// Revokes anybody's token, for whoever holds the console's machine.
    pub async fn revoke_from_command_line(&self, token: TokenId) -> Result<()> {
        self.perform(&Actor::command_line(), RevokeToken { token }).await
    }

    /// Who a bearer token stands for now.
    pub async fn actor_of_token(&self, bearer: &str, address: &str) -> Result<Option<Actor>> {
        let found = self.state.store.member_of_token(&token_hash(bearer), address, self.now()).await?;
        let Some((row, label)) = found.filter(|(row, _)| !row.member.disabled) else {
            self.note_bad_token(address).await?;
            return Ok(None);
        };
        Ok(Some(Actor::of(&row, Via::Api(label), address)))
    }

    /// Into the audit log; after many from one network no more than one each quarter of an hour.
    async fn note_bad_token(&self, address: &str) -> Result<()> {
        let keys = [ThrottleKey { subject: format!("token {}", network_of(address)), factor: 10 }];
        if self.state.store.begin_try(&keys, self.now()).await?.is_some() {
            return Ok(());
        }
        let who = Actor::unproven("unknown", Via::Api(Label::default()), address);
        self.record(&who, "use token", Outcome::Denied, "a token that is not known, was revoked or has expired").await
    }
}
