//! What a page asks of the server, and the answer. Neither knows the types of the function that answers: with one kind
//! of question the browser holds one way to ask it, to wait for it and to draw it, and a page's own types are met only
//! where its answer is read. Compiled for every answer anew, the same few functions were a third of the browser's code.

use crate::problem::ApiError;
use leptos::server_fn::ServerFn;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::fmt::{Display, Formatter};
use std::str::FromStr;
use std::sync::Arc;

#[cfg(not(feature = "ssr"))]
use super::call::call;

/// A server function that reads, by its arguments.
pub trait Ask: ServerFn<Output = Self::Told, Error = ApiError> + Clone + Serialize + Sync + 'static {
    type Told: Serialize + DeserializeOwned + Send + Sync + 'static;
}

impl<S> Ask for S
where
    S: ServerFn<Error = ApiError> + Clone + Serialize + Sync + 'static,
    S::Output: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    type Told = S::Output;
}

#[cfg(feature = "ssr")]
type Way = dyn Fn() -> std::pin::Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync;

/// The path of the function and its arguments, url-encoded.
#[cfg(not(feature = "ssr"))]
type Way = (&'static str, String);

/// A server function with its arguments, to be called when it is time.
#[derive(Clone)]
pub struct Question(Arc<Way>);

/// Compared by identity: each `Question` is fetched anew.
impl PartialEq for Question {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[cfg(feature = "ssr")]
impl Question {
    /// The function with its arguments, to be run on the server.
    pub fn of<S: Ask>(function: S) -> Self {
        Self(Arc::new(move || {
            let function = function.clone();
            Box::pin(async move { Answer::of(function.run_body().await) })
        }))
    }

    /// Runs the function. Its problem is an answer too.
    pub async fn answer(self) -> Answer {
        (self.0)().await
    }
}

#[cfg(not(feature = "ssr"))]
impl Question {
    /// The path of the function, and its arguments url-encoded.
    #[expect(clippy::needless_pass_by_value, reason = "the server's half keeps it")]
    pub fn of<S: Ask>(function: S) -> Self {
        Self(Arc::new((S::PATH, serde_qs::to_string(&function).unwrap_or_default())))
    }

    /// Calls the function over the network. No answer is a problem like any other.
    pub fn answer(self) -> impl Future<Output = Answer> + Send {
        // The browser has one thread.
        send_wrapper::SendWrapper::new(async move {
            match call(self.0.0, &self.0.1.as_str().into()).await {
                Ok(reply) => Answer { refused: false, text: reply.text.into(), value: None },
                Err(error) => Answer::refused(&error),
            }
        })
    }
}

/// JSON of what was asked for, or of the problem.
#[derive(Clone)]
pub struct Answer {
    refused: bool,
    text: Arc<str>,
    /// On the server what the text was made of, so that it need not be read again.
    value: Option<Arc<dyn Any + Send + Sync>>,
}

impl Answer {
    #[cfg(feature = "ssr")]
    fn of<T: Serialize + Send + Sync + 'static>(result: Result<T, ApiError>) -> Self {
        match result.and_then(|value| Ok((serde_json::to_string(&value).map_err(|_| ApiError::no_answer())?, value))) {
            Ok((text, value)) => Self { refused: false, text: text.into(), value: Some(Arc::new(value)) },
            Err(error) => Self::refused(&error),
        }
    }

    fn refused(error: &ApiError) -> Self {
        Self { refused: true, text: serde_json::to_string(error).unwrap_or_default().into(), value: None }
    }

    /// What was asked for, or the problem. A text that cannot be read is [`ApiError::no_answer`].
    pub fn read<T: DeserializeOwned + Send + Sync + 'static>(&self) -> Result<Arc<T>, ApiError> {
        if self.refused {
            return Err(serde_json::from_str(&self.text).unwrap_or_else(|_| ApiError::no_answer()));
        }
        match self.value.clone().and_then(|value| value.downcast().ok()) {
            Some(value) => Ok(value),
            None => serde_json::from_str(&self.text).map(Arc::new).map_err(|_| ApiError::no_answer()),
        }
    }
}

/// As it travels with the page: one letter, then the text.
impl Display for Answer {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", if self.refused { '-' } else { '+' }, self.text)
    }
}

impl FromStr for Answer {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (refused, text) = text
            .strip_prefix('+')
            .map(|t| (false, t))
            .or_else(|| text.strip_prefix('-').map(|t| (true, t)))
            .ok_or(())?;
        Ok(Self { refused, text: text.into(), value: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Problem;
    use domain::problem::ProblemKind;

    #[test]
    fn an_answer_is_the_same_after_its_way_through_the_page() {
        let told = Answer::of(Ok(vec!["</script>\"🚀".to_string()]));
        let arrived: Answer = told.to_string().parse().expect("an answer");
        assert_eq!(*arrived.read::<Vec<String>>().expect("told"), *told.read::<Vec<String>>().expect("told"));
        let refused = Answer::of::<u32>(Err(Problem::new(ProblemKind::NotFound, "There is no such job.").into()));
        let arrived: Answer = refused.to_string().parse().expect("an answer");
        assert_eq!(arrived.read::<u32>(), refused.read::<u32>());
        assert_eq!(arrived.read::<u32>().expect_err("refused").0.title, "There is no such job.");
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_a_problem() {
        assert!("".parse::<Answer>().is_err());
        let odd: Answer = "+[1".parse().expect("an answer");
        assert_eq!(odd.read::<u32>().expect_err("unreadable"), ApiError::no_answer());
    }
}
