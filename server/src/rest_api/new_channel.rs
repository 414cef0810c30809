//! A channel as a program describes it, parsed into what cannot be wrong.

use domain::Invalid;
use domain::alarm::policy::{Minute, Quiet};
use domain::channel::{Address, Destination, Kind, MailServer, Secret, Security, SignIn, Terms, WebAddress, events};
use ops::use_cases::channels::fresh_secret;
use serde::Deserialize;
use utoipa::ToSchema;

/// Where alarms are to go. `kind` says which members it takes: `email` host, port, security, user, password, from and
/// to; the others url, and `webhook` a secret too.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChannel {
    pub name: String,
    /// `email`, `webhook`, `slack`, `mattermost` or `discord`.
    kind: String,
    /// Of the hook. A secret itself: it is never shown again.
    #[serde(default)]
    #[schema(format = Password)]
    url: Option<String>,
    /// What `webhook` messages are signed with. Made, and answered once, when absent.
    #[serde(default)]
    #[schema(format = Password)]
    secret: Option<String>,
    /// Of the mail server.
    #[serde(default)]
    host: Option<String>,
    /// 587 for `starttls`, 465 for `tls`, 25 for `none` when absent.
    #[serde(default)]
    port: Option<u16>,
    /// `starttls` (when absent), `tls`, or `none` for a mail server on the console's machine.
    #[serde(default)]
    security: Option<String>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    #[schema(format = Password)]
    password: Option<String>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    to: Option<Vec<String>>,
    /// `backup_failed`, `target_failed`, `overdue`, `run_missed`, `drill_failed`, `restore_done`, `stuck_job`,
    /// `data_replaced`, `recovered`. All when absent.
    #[serde(default)]
    events: Vec<String>,
    #[serde(default)]
    paused: bool,
    #[serde(default)]
    quiet: Option<QuietHours>,
}

/// Hours of the day in which only what is critical is sent; the rest follows after them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    #[schema(example = "22:00")]
    from: String,
    #[schema(example = "07:00")]
    to: String,
    #[schema(example = "Europe/Vienna")]
    time_zone: String,
}

impl QuietHours {
    /// Refused when a time is not like `22:00`. The time zone is checked by the use case.
    pub fn parsed(self) -> Result<Quiet, Invalid> {
        Ok(Quiet {
            from: Minute::parse("from", &self.from)?,
            to: Minute::parse("to", &self.to)?,
            time_zone: self.time_zone,
        })
    }
}

impl NewChannel {
    /// Which events, paused or not, and the quiet hours. Refused for an unknown event.
    pub fn terms(&self) -> Result<Terms, Invalid> {
        let quiet = self.quiet.as_ref().map(|q| QuietHours {
            from: q.from.clone(),
            to: q.to.clone(),
            time_zone: q.time_zone.clone(),
        });
        Ok(Terms {
            events: events(&self.events)?,
            paused: self.paused,
            quiet: quiet.map(QuietHours::parsed).transpose()?,
        })
    }

    /// With the secret, if it had to be made.
    pub fn destination(self) -> Result<(Destination, Option<String>), Invalid> {
        let kind = Kind::parse(&self.kind)?;
        if kind == Kind::Email {
            return Ok((self.email()?, None));
        }
        let url = WebAddress::parse("url", self.url.as_deref().unwrap_or_default())?;
        Ok(match kind {
            Kind::Slack => (Destination::Slack { url }, None),
            Kind::Mattermost => (Destination::Mattermost { url }, None),
            Kind::Discord => (Destination::Discord { url }, None),
            Kind::Webhook | Kind::Email => {
                let given = self.secret.as_deref().filter(|s| !s.is_empty()).map(Secret::parse).transpose()?;
                let made = given.is_none();
                let secret = given.unwrap_or_else(fresh_secret);
                let told = made.then(|| secret.expose().to_owned());
                (Destination::Webhook { url, secret }, told)
            }
        })
    }

    fn email(self) -> Result<Destination, Invalid> {
        let given = |text: Option<String>| text.filter(|t| !t.is_empty());
        let sign_in = match (given(self.user), given(self.password)) {
            (None, None) => None,
            (user, password) => Some(SignIn { user: user.unwrap_or_default(), password: password.unwrap_or_default() }),
        };
        let security = Security::parse(self.security.as_deref().unwrap_or_default())?;
        let server = MailServer::parse(self.host.as_deref().unwrap_or_default(), self.port, security, sign_in)?;
        let from = Address::parse("from", self.from.as_deref().unwrap_or_default())?;
        Ok(Destination::Email { server, from, to: Address::parse_list("to", &self.to.unwrap_or_default().join(","))? })
    }
}
