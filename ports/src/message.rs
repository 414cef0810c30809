//! Messages that leave the console: e-mail and calls of addresses. What failed is told by phase, because each phase has
//! its own remedy.

use async_trait::async_trait;
use domain::Problem;
use domain::channel::{Address, MailServer, WebAddress};
use domain::problem::ProblemKind;

/// None of its texts holds a secret, nor anything of an answer's body: a channel must not become a way to read inner
/// addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// DNS knows no such name.
    #[error("The name {0} is not known.")]
    UnknownHost(String),
    /// Of this machine or an inner network.
    #[error("{host} is at {address}, an address that messages do not go to.")]
    Inner { host: String, address: String },
    /// What is sent there, and the secret address itself, could be read on the way.
    #[error("{0} is called over http, which others on the way can read.")]
    InTheClear(String),
    #[error("{host} does not take connections: {why}.")]
    Unreachable { host: String, why: String },
    #[error("The encrypted connection to {host} could not be made: {why}.")]
    Tls { host: String, why: String },
    /// The mail server does not offer what was chosen.
    #[error("{0}")]
    Unfit(String),
    #[error("The mail server refused the user or the password: {0}.")]
    SignIn(String),
    #[error("The mail server refused {address}: {why}.")]
    Address { address: String, why: String },
    #[error("The mail server refused the message: {0}.")]
    Refused(String),
    #[error("{host} answered with the HTTP status {status}.")]
    Status { host: String, status: u16 },
    #[error("{host} wants to lead on to another address (HTTP status {status}).")]
    Redirect { host: String, status: u16 },
    #[error("{0} did not answer in time.")]
    TimedOut(String),
}

impl MessageError {
    /// What to do about it.
    const fn next_step(&self) -> &'static str {
        match self {
            Self::UnknownHost(_) => "Check the spelling of the address and the DNS of the console's machine.",
            Self::Inner { .. } => {
                "Choose an address outside, or let whoever runs the console name this network in \
                 CONSOLE_ALLOW_HOOKS_TO. Docker itself is never called."
            }
            Self::InTheClear(_) => {
                "Use an https address, or let whoever runs the console name its network in CONSOLE_ALLOW_HOOKS_TO."
            }
            Self::Unreachable { .. } => "Check address and port, and that a firewall lets the console out.",
            Self::Tls { .. } => {
                "Use the name the certificate was made for. A certificate of your own authority must be known to the \
                 console's machine."
            }
            Self::Unfit(_) => "Choose another security or port, as the mail server's documentation says.",
            Self::SignIn(_) => "Check user and password. Many providers want a password made for one program.",
            Self::Address { .. } => "Check the address, and whether the mail server may send from and to it.",
            Self::Refused(_) => "Check what the mail server says.",
            Self::Status { status: 401 | 403, .. } => {
                "Make the address of the hook anew there: this one has no right to write any more."
            }
            Self::Status { status: 404 | 410, .. } => {
                "The hook was removed there, or the address is not whole. Copy it again."
            }
            Self::Status { status: 429, .. } => "It gets too many messages. Wait some minutes.",
            Self::Status { .. } => "Check the log of the receiver.",
            Self::Redirect { .. } => "Enter the address it leads to, usually the same with https://.",
            Self::TimedOut(_) => "Check that it runs and is not overloaded.",
        }
    }

    /// As people read it, with what to do.
    pub fn problem(&self) -> Problem {
        Problem::new(ProblemKind::Unavailable, "The message did not arrive.")
            .means(self.to_string())
            .next_step(self.next_step())
            .next_step("Then send a test.")
    }

    /// One line for the delivery log.
    pub fn line(&self) -> String {
        format!("{self} {}", self.next_step())
    }
}

/// A plain text to some people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub from: Address,
    pub to: Vec<Address>,
    pub subject: String,
    pub text: String,
    /// Before the `@` of the Message-ID: the same in every try, so that a mailbox can tell a repeat.
    pub id: String,
}

/// Hands mail to a mail server.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    async fn send(&self, server: &MailServer, mail: &Mail) -> Result<(), MessageError>;
}

/// The body of a web hook, with the headers that go with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub json: Vec<u8>,
    pub headers: Vec<(&'static str, String)>,
}

/// GET without a body, else POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub url: WebAddress,
    pub body: Option<Body>,
}

/// Calls addresses. Follows no redirect: it could lead a message to where nobody wanted it.
#[async_trait]
pub trait Webhook: Send + Sync + 'static {
    /// Done when the status is 2xx.
    async fn call(&self, call: &Call) -> Result<(), MessageError>;
}
