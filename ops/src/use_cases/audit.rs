//! Reading the audit log.

use crate::console::context::{Context, Query};
use crate::error::Result;
use domain::audit::Entry;
use domain::page::Page;
use domain::permission::Permission;

/// The log, newest first.
pub struct ListAudit {
    /// Looked for in who, act, target, outcome and detail; empty finds all.
    pub find: String,
    pub page: u32,
}

impl Query for ListAudit {
    const NEEDS: Permission = Permission::AuditView;
    type Answer = Page<Entry>;
    async fn answer(self, cx: &Context<'_>) -> Result<Page<Entry>> {
        cx.store().audit_page(self.find.trim(), self.page).await
    }
}
