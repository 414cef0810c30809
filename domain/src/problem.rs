//! What went wrong, in words: what happened, what it means, what to do. The one shape every
//! page, the JSON API and a failed job show.

use serde::{Deserialize, Serialize};

/// A value that a person typed and that cannot be used. Shown beside the field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{field}: {why}")]
pub struct Invalid {
    /// The form field's name.
    pub field: String,
    /// What to write instead, as a sentence.
    pub why: String,
}

impl Invalid {
    /// `why` says what to write instead.
    pub fn new(field: &str, why: impl Into<String>) -> Self {
        Self { field: field.into(), why: why.into() }
    }
}

/// The family of a problem; decides the HTTP status and the tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    Invalid,
    SignInNeeded,
    Denied,
    NotFound,
    Busy,
    Conflict,
    Unavailable,
    Internal,
}

impl ProblemKind {
    /// The HTTP status, in this one place.
    pub const fn status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::SignInNeeded => 401,
            Self::Denied => 403,
            Self::NotFound => 404,
            Self::Busy | Self::Conflict => 409,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}

/// A problem as people read it. Holds nothing private: it may stand in an address or a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub kind: ProblemKind,
    /// The sentence that is also the heading: what happened.
    pub title: String,
    /// What it means for the person and the deployment. May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub means: String,
    /// What to do next, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[serde(alias = "todo")]
    pub next_steps: Vec<String>,
    /// Field errors, when a form was refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Invalid>,
    /// The job in the way, when busy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<i64>,
    /// Number to find the cause in the console's log, on `Internal` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
}

impl Problem {
    /// With its title alone: a whole sentence of what happened.
    pub fn new(kind: ProblemKind, title: impl Into<String>) -> Self {
        Self {
            kind,
            title: title.into(),
            means: String::new(),
            next_steps: Vec::new(),
            fields: Vec::new(),
            job: None,
            incident: None,
        }
    }

    /// What it means for the reader; replaces what was there.
    #[must_use]
    pub fn means(mut self, means: impl Into<String>) -> Self {
        self.means = means.into();
        self
    }

    /// Adds one thing to do, after those there are.
    #[must_use]
    pub fn next_step(mut self, step: impl Into<String>) -> Self {
        self.next_steps.push(step.into());
        self
    }

    /// The error of one field, if that field was refused.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|f| f.field == name).map(|f| f.why.as_str())
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        let mut problem = Self::new(ProblemKind::Invalid, invalid.why.clone());
        problem.fields.push(invalid);
        problem
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.title)?;
        if !self.means.is_empty() {
            write!(f, " {}", self.means)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
