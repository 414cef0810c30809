//! The delivery log.

use crate::console::context::{Context, Query};
use crate::error::Result;
use domain::channel::{Delivery, Recipient};
use domain::page::Page;
use domain::permission::Permission;
use domain::scope::Subject;

/// Newest first, to one recipient or to all.
pub struct ListDeliveries {
    pub recipient: Option<Recipient>,
    pub page: u32,
}

impl Query for ListDeliveries {
    const NEEDS: &'static [Permission] = &[Permission::NotificationManage];
    type Answer = Page<Delivery>;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Page<Delivery>> {
        cx.store().delivery_page(self.recipient.as_ref(), self.page).await
    }
}
