//! E-mail by `lettre`. The phases are gone through one by one (name, connection, TLS, sign-in, sender, each recipient,
//! text), because each fails for a reason of its own and people need to know which.

use super::outbound::Outbound;
use super::tls;
use async_trait::async_trait;
use domain::channel::{MailServer, Security};
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error as SmtpError, commands::Quit};
use lettre::{Address, Message};
use ports::{Mail, Mailer, MessageError};
use std::time::Duration;

/// For handing the message over; mail servers that look at what they get may take their time.
const HAND_OVER: Duration = Duration::from_secs(15);
/// Until the server has greeted and the connection is encrypted.
const CONNECT: Duration = Duration::from_secs(10);
const GOODBYE: Duration = Duration::from_secs(2);
/// PLAIN and LOGIN are what servers offer; both only ever cross an encrypted or a local connection.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// Mail over SMTP.
#[derive(Debug, Clone)]
pub struct Smtp {
    outbound: Outbound,
}

impl Smtp {
    /// Connects only where `outbound` allows it.
    pub const fn new(outbound: Outbound) -> Self {
        Self { outbound }
    }
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, server: &MailServer, mail: &Mail) -> Result<(), MessageError> {
        let (text, from, to) =
            (formatted(mail)?, address(mail.from.as_str())?, mail.to.iter().map(|a| address(a.as_str())));
        let to = to.collect::<Result<Vec<_>, _>>()?;
        converse(&self.outbound, server, from, to, &text).await
    }
}

fn at(server: &MailServer) -> String {
    format!("{}:{}", server.host, server.port)
}

fn address(text: &str) -> Result<Address, MessageError> {
    text.parse().map_err(|error| MessageError::Address { address: text.into(), why: format!("{error}") })
}

/// As it goes over the wire. The library encodes what is not ASCII and folds long lines.
fn formatted(mail: &Mail) -> Result<Vec<u8>, MessageError> {
    let from = address(mail.from.as_str())?;
    let id = format!("<{}@{}>", mail.id, from.domain());
    let mut builder = Message::builder()
        .from(from.into())
        .subject(&mail.subject)
        .message_id(Some(id))
        .header(ContentType::TEXT_PLAIN);
    for to in &mail.to {
        builder = builder.to(address(to.as_str())?.into());
    }
    let message = builder
        .body(mail.text.clone())
        .map_err(|error| MessageError::Unfit(format!("The message cannot be put together: {error}.")))?;
    Ok(message.formatted())
}

async fn converse(
    outbound: &Outbound,
    server: &MailServer,
    from: Address,
    to: Vec<Address>,
    text: &[u8],
) -> Result<(), MessageError> {
    let mut connection = bounded(CONNECT, server, connect(outbound, server)).await?;
    let done = bounded(HAND_OVER, server, hand_over(&mut connection, server, from, to, text)).await;
    match &done {
        // The message is taken; how the goodbye goes changes nothing.
        Ok(()) => drop(tokio::time::timeout(GOODBYE, connection.command(Quit)).await),
        Err(_) => drop(tokio::time::timeout(GOODBYE, connection.abort()).await),
    }
    done
}

async fn bounded<T>(
    limit: Duration,
    server: &MailServer,
    phase: impl Future<Output = Result<T, MessageError>>,
) -> Result<T, MessageError> {
    tokio::time::timeout(limit, phase).await.unwrap_or_else(|_| Err(MessageError::TimedOut(at(server))))
}

async fn connect(outbound: &Outbound, server: &MailServer) -> Result<AsyncSmtpConnection, MessageError> {
    let addresses = outbound.addresses(&server.host, server.port).await?;
    let hello = ClientId::default();
    let parameters = || TlsParameters::new_rustls(server.host.clone()).map_err(|error| translate(&error, server));
    let tls = if server.security == Security::Tls { Some(parameters()?) } else { None };
    let connected = AsyncSmtpConnection::connect_tokio1(addresses.as_slice(), Some(CONNECT), &hello, tls, None).await;
    let mut connection = connected.map_err(|error| translate(&error, server))?;
    if server.security == Security::Starttls {
        if !connection.can_starttls() {
            connection.abort().await;
            return Err(MessageError::Unfit(format!("{} does not offer STARTTLS; nothing was sent.", at(server))));
        }
        connection.starttls(parameters()?, &hello).await.map_err(|error| translate(&error, server))?;
    }
    Ok(connection)
}

async fn hand_over(
    c: &mut AsyncSmtpConnection,
    server: &MailServer,
    from: Address,
    to: Vec<Address>,
    text: &[u8],
) -> Result<(), MessageError> {
    if let Some(sign_in) = &server.sign_in {
        let credentials = Credentials::new(sign_in.user.clone(), sign_in.password.clone());
        c.auth(&MECHANISMS, &credentials).await.map_err(|error| refused(&error, server, MessageError::SignIn))?;
    }
    let sender = from.to_string();
    let whose = |address: String| move |why| MessageError::Address { address, why };
    c.command(MailFrom::new(Some(from), Vec::new())).await.map_err(|error| refused(&error, server, whose(sender)))?;
    for recipient in to {
        let address = recipient.to_string();
        c.command(Rcpt::new(recipient, Vec::new())).await.map_err(|error| refused(&error, server, whose(address)))?;
    }
    c.command(Data).await.map_err(|error| refused(&error, server, MessageError::Refused))?;
    c.message(text).await.map_err(|error| refused(&error, server, MessageError::Refused))?;
    Ok(())
}

/// The server said no in this phase; anything else is the connection's fault.
fn refused(error: &SmtpError, server: &MailServer, phase: impl FnOnce(String) -> MessageError) -> MessageError {
    if error.is_permanent() || error.is_transient() {
        return phase(cause(error));
    }
    if error.is_client() {
        return MessageError::Unfit(format!(
            "{} offers no way to sign in that the console knows (PLAIN, LOGIN).",
            at(server)
        ));
    }
    translate(error, server)
}

fn translate(error: &SmtpError, server: &MailServer) -> MessageError {
    let host = at(server);
    if error.is_timeout() {
        return MessageError::TimedOut(host);
    }
    if let Some(why) = tls::cause(error) {
        return MessageError::Tls { host, why };
    }
    if error.is_permanent() || error.is_transient() {
        return MessageError::Refused(cause(error));
    }
    if error.is_response() {
        return MessageError::Unfit(format!("{host} does not speak SMTP."));
    }
    MessageError::Unreachable { host, why: cause(error) }
}

/// Code and words of the answer, or what the connection failed with; one line of printable text, for it came from
/// outside.
fn cause(error: &SmtpError) -> String {
    let status = error.status().map(|code| format!("{code} ")).unwrap_or_default();
    let mut last: &(dyn std::error::Error + 'static) = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    let text: String = last.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    format!("{status}{}", text.trim_end_matches('.'))
}
