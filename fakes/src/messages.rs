//! Where messages go in tests.

use async_trait::async_trait;
use domain::channel::MailServer;
use ports::{Call, Mail, Mailer, MessageError, Webhook};
use std::sync::Mutex;

/// A mail server and a receiver of web hooks in one: keeps what arrives, refuses when a test wants it.
#[derive(Default)]
pub struct FakeMessages {
    pub mails: Mutex<Vec<Mail>>,
    pub calls: Mutex<Vec<Call>>,
    /// What everything fails with while it is there.
    pub broken: Mutex<Option<MessageError>>,
}

impl FakeMessages {
    /// Everything fails with this from now on; `None` ends that.
    pub fn breaks(&self, error: Option<MessageError>) {
        *self.broken.lock().expect("the error") = error;
    }

    /// The texts of the calls' bodies, oldest first; empty for a GET. They are forgotten here.
    pub fn take_bodies(&self) -> Vec<String> {
        let calls = std::mem::take(&mut *self.calls.lock().expect("calls"));
        calls
            .into_iter()
            .map(|c| c.body.map(|b| String::from_utf8(b.json).expect("text")).unwrap_or_default())
            .collect()
    }

    fn enter(&self) -> Result<(), MessageError> {
        self.broken.lock().expect("the error").clone().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl Mailer for FakeMessages {
    async fn send(&self, _server: &MailServer, mail: &Mail) -> Result<(), MessageError> {
        self.enter()?;
        self.mails.lock().expect("mails").push(mail.clone());
        Ok(())
    }
}

#[async_trait]
impl Webhook for FakeMessages {
    async fn call(&self, call: &Call) -> Result<(), MessageError> {
        self.enter()?;
        self.calls.lock().expect("calls").push(call.clone());
        Ok(())
    }
}
