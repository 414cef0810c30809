//! Bolt's values as JSON. Dates and times become ISO text; what JSON has no word for (nodes, points, durations) becomes
//! the driver's own text, good enough to look at: a statement that wants more returns `toString(…)` or a map.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};
use neo4rs::{BoltType, DeError};
use ports::Row;
use serde_json::Value;

/// One row, by the names of its columns.
pub fn row(of: &neo4rs::Row) -> Result<Row, DeError> {
    of.keys().into_iter().map(|key| Ok((key.value.clone(), value(of.get::<BoltType>(&key.value)?)))).collect()
}

fn value(of: BoltType) -> Value {
    match of {
        BoltType::Null(_) => Value::Null,
        BoltType::Boolean(b) => b.value.into(),
        BoltType::Integer(n) => n.value.into(),
        // Not a number and the infinities have no JSON; they become null.
        BoltType::Float(n) => n.value.into(),
        BoltType::String(s) => s.value.into(),
        BoltType::List(list) => list.value.into_iter().map(value).collect(),
        BoltType::Map(map) => Value::Object(map.value.into_iter().map(|(key, v)| (key.value, value(v))).collect()),
        other => moment(&other).unwrap_or_else(|| format!("{other:?}")).into(),
    }
}

fn moment(of: &BoltType) -> Option<String> {
    match of {
        BoltType::Date(at) => Some(NaiveDate::try_from(at).ok()?.to_string()),
        BoltType::DateTime(at) => Some(DateTime::<FixedOffset>::try_from(at).ok()?.to_rfc3339()),
        BoltType::DateTimeZoneId(at) => Some(DateTime::<FixedOffset>::try_from(at).ok()?.to_rfc3339()),
        BoltType::LocalDateTime(at) => {
            Some(NaiveDateTime::try_from(at).ok()?.format("%Y-%m-%dT%H:%M:%S%.f").to_string())
        }
        BoltType::LocalTime(at) => Some(NaiveTime::from(at).to_string()),
        BoltType::Time(at) => {
            let (time, offset) = <(NaiveTime, FixedOffset)>::from(at);
            Some(format!("{time}{offset}"))
        }
        _ => None,
    }
}
