use crate::console::{Actor, Query, Scene};
use crate::error::{Error, Result};
use crate::store::Store;
use chrono::{DateTime, Utc};
use domain::audit::{Entry, Outcome};
use domain::page::Page;
use domain::permission::Permission;
pub(crate) struct New<'a> {
    pub actor: &'a Actor,
    pub act: &'static str,
    pub target: String,
    pub detail: String,
}
pub(crate) async fn record(_s: &Store, _at: DateTime<Utc>, _n: &New<'_>, _o: Outcome, _d: &str) -> Result<()> {
    Ok(())
}
pub(crate) async fn begin(_s: &Store, _at: DateTime<Utc>, _n: &New<'_>) -> Result<i64> {
    Ok(0)
}
pub(crate) async fn finish(_s: &Store, _id: i64, _o: Outcome, _d: Option<&str>) {}

pub struct ListAudit {
    pub find: String,
    pub page: u32,
}

impl Query for ListAudit {
    const NEEDS: Permission = Permission::AuditView;
    type Answer = Page<Entry>;
    async fn answer(self, _scene: &Scene<'_>) -> Result<Page<Entry>> {
        Err(Error::conflict("not built yet"))
    }
}
