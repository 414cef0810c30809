//! Input as an attacker or an accident makes it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// Pieces with a meaning somewhere: to a shell, a path, a number, a terminal.
const ODD: [&str; 24] = [
    "",
    "-",
    "--",
    ".",
    "..",
    "/",
    "/;e id #",
    ";id",
    "$(id)",
    "`id`",
    "'",
    "\"",
    "\\",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{1b}[2J",
    "\u{202e}",
    "é",
    "%2e%2e",
    "18446744073709551616",
    "-1",
    "1e400",
];

pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,100}",
        "[a-z0-9._-]{1,70}",
        vec(select(&ODD[..]), 0..5).prop_map(|pieces| pieces.concat())
    ]
}

#[derive(Debug, Clone)]
enum Damage {
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    End(Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        1 => (at(), vec(any::<u8>(), 1..20)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        1 => (at(), 1..600usize).prop_map(|(at, length)| Damage::Remove(at, length)),
        1 => (at(), 1..600usize).prop_map(|(at, length)| Damage::Repeat(at, length)),
        1 => at().prop_map(Damage::End),
    ]
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let end = |at: usize, length: usize| (at + length).min(bytes.len());
        match self {
            Self::Flip(at, bits) => *at.get_mut(bytes) ^= bits,
            Self::Insert(at, more) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, more.iter().copied());
            }
            Self::Remove(at, length) => {
                let at = at.index(bytes.len());
                bytes.drain(at..end(at, *length));
            }
            Self::Repeat(at, length) => {
                let at = at.index(bytes.len());
                let again = bytes[at..end(at, *length)].to_vec();
                bytes.splice(at..at, again);
            }
            Self::End(at) => bytes.truncate(at.index(bytes.len())),
        }
    }
}

/// What was whole, with some damage. Prints the damage, not the bytes.
#[derive(Clone)]
pub struct Damaged {
    pub bytes: Vec<u8>,
    by: Vec<Damage>,
}

impl std::fmt::Debug for Damaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.by)
    }
}

pub fn damaged(whole: Vec<u8>) -> impl Strategy<Value = Damaged> {
    vec(damage(), 1..5).prop_map(move |by| {
        let mut bytes = whole.clone();
        by.iter().for_each(|damage| damage.apply(&mut bytes));
        Damaged { bytes, by }
    })
}

fn odd_value() -> impl Strategy<Value = Value> {
    let fixed = vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1.5),
        json!([]),
        json!({}),
        json!([[[[]]]]),
    ];
    prop_oneof![text().prop_map(Value::from), select(fixed), any::<u64>().prop_map(Value::from)]
}

/// A JSON value in which some are others, or are gone.
pub fn changed(whole: Value) -> impl Strategy<Value = Value> {
    vec((any::<Index>(), proptest::option::of(odd_value())), 1..4).prop_map(move |changes| {
        let mut value = whole.clone();
        for (at, other) in changes {
            let all = pointers(&value, String::new());
            change(&mut value, &all[at.index(all.len())], other);
        }
        value
    })
}

/// To each value in it, itself first (RFC 6901; no name in a manifest has a slash).
fn pointers(value: &Value, at: String) -> Vec<String> {
    let below: Vec<String> = match value {
        Value::Array(list) => {
            list.iter().enumerate().flat_map(|(index, value)| pointers(value, format!("{at}/{index}"))).collect()
        }
        Value::Object(map) => map.iter().flat_map(|(name, value)| pointers(value, format!("{at}/{name}"))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![],
    };
    [vec![at], below].concat()
}

/// `None` takes it out of its list or object.
fn change(value: &mut Value, pointer: &str, other: Option<Value>) {
    if let Some(other) = other {
        *value.pointer_mut(pointer).expect("it was listed") = other;
        return;
    }
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    match value.pointer_mut(parent).expect("it was listed") {
        Value::Array(list) => drop(list.remove(name.parse().expect("an index"))),
        Value::Object(map) => drop(map.remove(name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => unreachable!("it has nothing below it"),
    }
}
