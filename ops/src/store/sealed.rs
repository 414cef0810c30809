//! Every secret that lies sealed in the database.

use super::Store;
use crate::crypto::seal::Seal;
use crate::error::{Error, Result};
use sqlx::Row;

/// Table, what names the row, the column with the sealed text, and what that is bound to before the row's
/// name. The secret of a job that goes on is not here: it is gone with the job.
const PLACES: [(&str, &str, &str, &str); 5] = [
    ("adoptions", BY_DEPLOYMENT, "sealed_password", "deployment "),
    ("targets", "name", "sealed_keys", "target "),
    ("channels", "name", "sealed", "channel "),
    ("watches", BY_DEPLOYMENT, "ping_sealed", "ping of "),
    ("registry_sign_ins", "host", "sealed_password", "registry "),
];

const BY_DEPLOYMENT: &str = "(SELECT name FROM deployments WHERE id = deployment)";

/// How many secrets there are, and how many need an earlier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sealed {
    pub all: u64,
    pub by_earlier_keys: u64,
}

impl Store {
    /// Counts the secrets, and those that need an earlier key.
    pub async fn sealed(&self, seal: &Seal) -> Result<Sealed> {
        let mut found = Sealed::default();
        for (table, _, column, _) in PLACES {
            let texts = sqlx::query(&format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL"))
                .fetch_all(&self.pool)
                .await?;
            found.all += texts.len() as u64;
            for text in &texts {
                found.by_earlier_keys += u64::from(!seal.is_by_present_key(text.try_get(0)?));
            }
        }
        Ok(found)
    }

    /// Seals every secret again with the present key: all of them, or none when one cannot be opened. Returns how many.
    pub async fn seal_again(&self, seal: &Seal) -> Result<u64> {
        let pool = self.write();
        let mut writing = pool.begin().await?;
        let mut done = 0;
        for (table, key, column, about) in PLACES {
            let rows = sqlx::query(&format!("SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL"))
                .fetch_all(&mut *writing)
                .await?;
            for row in rows {
                let name: String = row.try_get(0)?;
                let about = format!("{about}{name}");
                let secret = seal.open(&about, row.try_get(1)?).map_err(|_| cannot_open(&about))?;
                let sealed = seal.seal(&about, &secret)?;
                sqlx::query(&format!("UPDATE {table} SET {column} = ? WHERE {key} = ?"))
                    .bind(sealed)
                    .bind(&name)
                    .execute(&mut *writing)
                    .await?;
                done += 1;
            }
        }
        writing.commit().await?;
        Ok(done)
    }
}

fn cannot_open(about: &str) -> Error {
    Error::conflict(format!(
        "The secret of {about} was sealed with a key that is not in the key file. Enter it again in the console, or \
         remove it there."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::stage::{Stage, sales};
    use crate::testing::actor;
    use crate::use_cases::alarms::{ChangeAlarms, NewPing};
    use crate::use_cases::channels::{AddChannel, fresh_secret};
    use crate::use_cases::registries::SaveRegistrySignIn;
    use crate::use_cases::targets::AddTarget;
    use domain::channel::{ChannelName, Destination, Terms, WebAddress};
    use domain::member::Role;
    use domain::registry_sign_in::{RegistryHost, RegistryPassword, RegistrySignIn, RegistryUser};
    use domain::target::{Place, S3, TargetName};
    use ports::Keys;
    use std::collections::BTreeSet;

    const SECRETS: [&str; 5] =
        ["correct horse", "brown-owl", "hooks.example.com/channel", "hooks.example.com/ping", "quiet-fox"];

    /// One secret in each place; the console's key is seven times thirty-two.
    async fn with_a_secret_in_each_place() -> Stage {
        let (stage, admin) = (Stage::new().await, actor(Role::Admin));
        let url =
            |path: &str| WebAddress::parse("url", &format!("https://hooks.example.com/{path}")).expect("an address");
        let empty = String::new;
        let place = S3 {
            endpoint: empty(),
            region: empty(),
            bucket: "b".into(),
            prefix: empty(),
            path_style: true,
            storage_class: empty(),
            server_side_encryption: empty(),
        };
        let keys = Some(Keys { access_key: "owl".into(), secret_key: "brown-owl".into() });
        let target = AddTarget {
            name: TargetName::parse("s3").expect("a name"),
            place: Place::S3(place),
            keys,
            recipients: vec![],
        };
        stage.test.console.perform(&admin, target).await.expect("a target");
        let destination = Destination::Webhook { url: url("channel"), secret: fresh_secret() };
        let channel = AddChannel {
            name: ChannelName::parse("ops").expect("a name"),
            destination,
            terms: Terms { events: vec![], paused: false, quiet: None },
        };
        stage.test.console.perform(&admin, channel).await.expect("a channel");
        let change =
            ChangeAlarms { deployment: sales(), allowance: None, repeat: None, ping: NewPing::Set(url("ping")) };
        stage.test.console.perform(&admin, change).await.expect("a ping");
        let sign_in = RegistrySignIn {
            host: RegistryHost::parse("registry.example.com").expect("a host"),
            user: RegistryUser::parse("ana").expect("a user"),
            password: RegistryPassword::parse("quiet-fox").expect("a password"),
        };
        stage.test.console.perform(&admin, SaveRegistrySignIn { sign_in }).await.expect("a sign-in");
        stage
    }

    /// What this key opens of all there is, in the order of [`PLACES`].
    async fn opened(store: &Store, seal: &Seal) -> Vec<String> {
        let mut all = vec![];
        for (table, key, column, about) in PLACES {
            let rows = sqlx::query(&format!("SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL"))
                .fetch_all(&store.pool)
                .await
                .expect("rows");
            for row in &rows {
                let (name, sealed): (String, &str) = (row.try_get(0).expect("a name"), row.try_get(1).expect("a text"));
                all.extend(seal.open(&format!("{about}{name}"), sealed));
            }
        }
        all
    }

    #[tokio::test]
    async fn a_new_key_opens_every_secret_and_the_old_one_none() {
        let stage = with_a_secret_in_each_place().await;
        let store = &stage.test.console.state.store;
        let (old, new, both) = (Seal::from_key([7; 32]), Seal::from_key([8; 32]), Seal::from_keys([8; 32], &[[7; 32]]));
        assert_eq!(store.sealed(&both).await.expect("counted"), Sealed { all: 5, by_earlier_keys: 5 });
        assert_eq!(store.seal_again(&both).await.expect("sealed"), 5);
        assert_eq!(store.sealed(&both).await.expect("counted"), Sealed { all: 5, by_earlier_keys: 0 });
        let opens = opened(store, &new).await;
        assert!(opens.len() == 5 && opens.iter().zip(SECRETS).all(|(text, secret)| text.contains(secret)), "{opens:?}");
        assert_eq!(opened(store, &old).await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn when_one_secret_cannot_be_opened_all_stay_as_they_were() {
        let stage = with_a_secret_in_each_place().await;
        let store = &stage.test.console.state.store;
        sqlx::query("UPDATE watches SET ping_sealed = 'AAAA'").execute(&store.pool).await.expect("damaged");
        let problem = store.seal_again(&Seal::from_keys([8; 32], &[[7; 32]])).await.expect_err("refused").problem();
        assert!(problem.title.contains("ping of sales"), "{problem:?}");
        assert_eq!(opened(store, &Seal::from_key([7; 32])).await.len(), 4);
    }

    #[tokio::test]
    async fn no_column_of_sealed_texts_is_left_out() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(directory.path()).await.expect("a store");
        let columns = "SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name LIKE '%sealed%'";
        let rows = sqlx::query(columns).fetch_all(&store.pool).await.expect("columns");
        let found: BTreeSet<String> = rows.iter().map(|row| row.try_get(0).expect("a text")).collect();
        assert_eq!(found, PLACES.iter().map(|(table, _, column, _)| format!("{table}.{column}")).collect());
    }
}
