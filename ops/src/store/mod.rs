use crate::error::Result;
use std::path::Path;
#[derive(Clone)]
pub struct Store {}
impl Store {
    pub async fn open(_directory: &Path) -> Result<Self> {
        Ok(Self {})
    }
    pub async fn instance(&self) -> Result<String> {
        Ok(String::new())
    }
}
