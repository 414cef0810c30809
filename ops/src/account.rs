use crate::console::{Actor, Console};
use crate::error::{Error, Result};
use domain::member::{MemberId, Role};
impl Console {
    pub async fn setup_open(&self) -> Result<bool> {
        Ok(true)
    }
    pub async fn setup_token(&self) -> Result<Option<String>> {
        Ok(Some("token".into()))
    }
    pub async fn set_up(&self, _token: &str, _name: &str, _password: &str, _address: &str) -> Result<Actor> {
        Err(Error::conflict("not built yet"))
    }
    pub async fn sign_in(&self, _name: &str, _password: &str, _address: &str) -> Result<Actor> {
        Err(Error::conflict("not built yet"))
    }
    pub async fn actor_of_session(&self, _id: MemberId, _epoch: i64, _address: &str) -> Result<Option<Actor>> {
        Ok(None)
    }
    pub async fn actor_of_token(&self, _bearer: &str, _address: &str) -> Result<Option<Actor>> {
        Ok(None)
    }
    pub async fn add_member_from_command_line(&self, _name: &str, _role: Role, _password: &str) -> Result<MemberId> {
        Err(Error::conflict("not built yet"))
    }
    pub async fn create_token(&self, _member: &str, _label: &str) -> Result<String> {
        Err(Error::conflict("not built yet"))
    }
}
