//! The words that a member of a shape may be, for the description: read from the types, so none is forgotten.

use domain::job::{Kind, State};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

fn words<'a>(all: impl Iterator<Item = &'a str>) -> Schema {
    Schema::Object(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(all)).build())
}

/// What a job does.
pub fn job_kinds() -> Schema {
    words(Kind::ALL.iter().map(|kind| kind.as_str()))
}

/// How far a job is.
pub fn job_states() -> Schema {
    words(State::ALL.iter().map(|state| state.as_str()))
}

/// Of a change without a job.
pub const PLANNED: &str = "planned";

/// How far a change is.
pub fn change_states() -> Schema {
    words(std::iter::once(PLANNED).chain(State::ALL.iter().map(|state| state.as_str())))
}
