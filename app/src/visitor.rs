//! Who looks at the page, as far as the page needs to know it.

use domain::Problem;
use domain::member::Role;
use domain::permission::Permission;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The signed-in member, or nobody. Only for drawing: the server decides again at every act.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub name: String,
    pub role: Option<Role>,
    /// `light`, `dark` or empty for the system's.
    pub theme: String,
}

impl Me {
    /// Whether the member's role has the permission; nobody has any.
    pub fn may(&self, permission: Permission) -> bool {
        self.role.is_some_and(|role| role.has(permission))
    }

    /// Whether there is a member at all.
    pub fn signed_in(&self) -> bool {
        self.role.is_some()
    }
}

/// What came with this page load only: a form that was refused before it, until its page takes it, and whether there
/// was one.
#[derive(Clone, Copy)]
pub struct Arrival {
    pub refusal: StoredValue<Option<Refusal>>,
    pub refused: bool,
}

impl Arrival {
    /// Of a page load that came with this refusal, or with none.
    pub fn new(refusal: Option<Refusal>) -> Self {
        Self { refused: refusal.is_some(), refusal: StoredValue::new(refusal) }
    }
}

/// Puts both into the context; the first thing [`crate::App`] does.
pub fn provide_visitor(me: Me, refusal: Option<Refusal>) {
    provide_context(me);
    provide_context(Arrival::new(refusal));
}

/// Who looks at the page; nobody where none was provided.
pub fn me() -> Me {
    use_context::<Me>().unwrap_or_default()
}

/// Whether this member may, for drawing a button or not.
pub fn may(permission: Permission) -> bool {
    me().may(permission)
}

/// A form that was refused: which one, why, and what had been typed. Its words never travel in an address, so that
/// nobody can put words into the console's mouth with a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Path of the server function.
    pub form: String,
    /// Path of the page the form stands on; none where the browser did not tell: then the next page shows it.
    pub page: Option<String>,
    pub problem: Problem,
    /// Field and value, whole; no secrets. Boxes that share a name have an entry each, or an empty one for all.
    pub values: Vec<(String, String)>,
}
