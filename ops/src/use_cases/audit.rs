//! Reading the audit log.

use crate::console::context::{Context, Query};
use crate::error::Result;
use domain::audit::Entry;
use domain::page::Page;
use domain::permission::Permission;
use domain::scope::Subject;

/// The log, newest first.
pub struct ListAudit {
    /// Looked for in who, act, target, outcome and detail; empty finds all.
    pub find: String,
    pub page: u32,
}

impl Query for ListAudit {
    const NEEDS: &'static [Permission] = &[Permission::AuditView];
    type Answer = Page<Entry>;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Page<Entry>> {
        cx.store().audit_page(self.find.trim(), self.page).await
    }
}
