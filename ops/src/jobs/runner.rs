use std::sync::Arc;
pub(crate) async fn run_forever(_inner: Arc<crate::console::Inner>) {
    std::future::pending::<()>().await;
}
