//! `RESTORE.md`: the page "restore without this console", with this deployment's own names. A live test follows it to
//! the letter (`tests/live_by_hand.rs`), so it must run as written with nothing but Docker and bash, and without a
//! terminal.

use domain::backup::Manifest;
use domain::database::DatabaseName;
use domain::text::full_time;

/// Runs where the server is, without a password in any list of processes. `wget` is in every image; `cypher-shell`
/// wants a terminal.
fn count(database: &str, nodes: u64) -> String {
    format!(
        r#"docker exec -e NEO4J_USER -e NEO4J_PASSWORD "$CONTAINER" bash -c 'wget -q -O - --auth-no-challenge \
  --user="$NEO4J_USER" --password="$NEO4J_PASSWORD" --header="Content-Type: application/json" \
  --post-data="{{\"statements\":[{{\"statement\":\"MATCH (n) RETURN count(n) AS nodes\"}}]}}" \
  http://localhost:7474/db/{database}/tx/commit'; echo   # {database}: {nodes} nodes
"#
    )
}

/// A host name Java can look up: without a network it would print a stack trace (UnknownHostException), and Neo4j of
/// some versions ends with code 3.
fn load(database: &str) -> String {
    format!(
        r#"docker run --rm --network none --hostname localhost --user 7474:7474 --entrypoint neo4j-admin \
  -v "$DATA":/data -v neo4j-restore:/backups "$IMAGE" \
  database load {database} --from-path=/backups --overwrite-destination=true
"#
    )
}

/// `encrypted`: of a copy whose parts must be decrypted before anything else.
pub fn guide(m: &Manifest, data_volume: &str, encrypted: bool) -> String {
    let system = (!m.is_uploaded_dump()).then_some(DatabaseName::SYSTEM);
    let loads: String = m.databases.iter().map(|d| d.database.as_str()).chain(system).map(load).collect();
    let counts: String = m.databases.iter().map(|d| count(d.database.as_str(), d.nodes)).collect();
    let key = |text: &str| if encrypted { text.to_string() } else { String::new() };
    let words = [
        head(m),
        key(ABOUT_KEY),
        settings(m, data_volume, &key(KEY)),
        STEPS.replace("{decrypt}", &key(DECRYPT)).replace("{loads}", &loads).replace("{counts}", &counts),
        tail(),
    ];
    words.concat()
}

fn head(m: &Manifest) -> String {
    format!(
        "# Restore this backup without the console

Backup `{id}` of the deployment `{deployment}`, made {made} by {by}.
Neo4j {version} {edition}, image `{image}` ({image_id}).
{holds} {nodes} nodes and {relationships} relationships{users}.

",
        id = m.id,
        deployment = m.deployment,
        made = full_time(m.made_at),
        by = m.by,
        version = m.version,
        edition = m.edition.as_str(),
        image = m.image,
        image_id = m.image_id,
        holds = if m.is_uploaded_dump() {
            "It holds"
        } else {
            "Counted before the stop, while clients could write, it holds about"
        },
        nodes = m.nodes(),
        relationships = m.relationships(),
        users = if !m.is_uploaded_dump() {
            format!(", and the Neo4j users ({})", on_one_line(&m.neo4j_users.join(", ")))
        } else {
            String::new()
        },
    )
}

/// Neo4j's own rule for names of users is not the console's.
fn on_one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// One word of a shell, whatever is in it: somebody else may have written the manifest, and an admin runs these
/// commands.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// What differs between the server of then and the one to restore into; all below uses only these.
fn settings(m: &Manifest, data_volume: &str, key: &str) -> String {
    format!(
        "Copy the whole directory of this file to the Docker host and run the commands there, in bash, in that \
         directory. They replace
the current data of the container: copy its volume first if you may need it.

To restore into another server, create it first (the same image, an empty volume at /data, started once) and write its names here.

```sh
CONTAINER={container}
DATA={data_volume}   # its volume at /data, or the directory of the host
IMAGE={image}
export NEO4J_USER='neo4j'
export NEO4J_PASSWORD='the password'   # of that user at the time of the backup; only for the count at the end
{key}```

",
        container = quoted(&m.container),
        data_volume = quoted(data_volume),
        image = quoted(&m.image),
    )
}

const ABOUT_KEY: &str = "This copy is encrypted with `age` (https://age-encryption.org; Debian and others have it as \
    the package `age`). It takes the
file with the identity, AGE-SECRET-KEY-1…, of one of the keys named in `encrypted.json`. The console never had it.
The decrypted files lie beside the others in the end: delete them when you are done.

";

const KEY: &str = "KEY='key.txt'   # the file with the identity, as age-keygen wrote it
";

/// The sums are of the encrypted files; age itself refuses to decrypt one that was changed.
const DECRYPT: &str = r#"
# Decrypt them, beside themselves
for PART in dumps/*.age conf/*.age; do
  [ ! -e "$PART" ] || age -d -i "$KEY" -o "${PART%.age}" "$PART"
done
"#;

const STEPS: &str = r#"```sh
# 1. The files are whole
sha256sum -c SHA256SUMS
{decrypt}
# 2. Stop Neo4j cleanly
docker stop -t 300 "$CONTAINER"

# 3. Give the dumps to Neo4j's user
docker volume create neo4j-restore
docker run --rm --user root --network none --entrypoint bash -v neo4j-restore:/backups -v "$PWD/dumps":/from:ro "$IMAGE" \
  -c 'cp /from/*.dump /backups/ && chown -R 7474:7474 /backups'

# 4. Load them. Leave out `system` to keep the present Neo4j users and passwords
{loads}
# 5. Start, wait until it answers, and count
docker start "$CONTAINER"
for i in $(seq 300); do docker exec "$CONTAINER" wget -q -O /dev/null http://localhost:7474 && break; sleep 1; done
{counts}
# 6. Clean up
docker volume rm neo4j-restore
```

"#;

fn tail() -> String {
    "If the first command says FAILED, or a `database load` does not end with code 0, stop there: take another copy of \
     the backup.
Where HTTP is switched off, count with `docker exec -it CONTAINER cypher-shell -u neo4j` instead.

The same Neo4j version or a newer one on the allowed path (5.x, then 5.26, then 2025 and later) can load it; an older one never.
`manifest.json` has the counts per label and type, the settings and the plugins. Secret values in it are sealed with the console's key.
"
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::backup::{BackupId, Content};
    use domain::container::ImageId;
    use domain::deployment::DeploymentName;
    use domain::image::{Edition, Version};

    #[test]
    fn what_somebody_wrote_into_a_manifest_is_no_command_in_the_guide() {
        let evil = "neo4j:5'; touch /tmp/pwned; echo '";
        let told =
            guide(&Manifest { image: evil.into(), neo4j_users: vec!["x\n```sh".into()], ..manifest() }, "it's", false);
        let settings: Vec<&str> =
            told.lines().filter(|line| line.starts_with("IMAGE=") || line.starts_with("DATA=")).collect();
        let script = format!("{}\nprintf '%s|%s' \"$DATA\" \"$IMAGE\"", settings.join("\n"));
        let ran = std::process::Command::new("bash").args(["-c", &script]).output().expect("bash runs");
        assert_eq!(String::from_utf8_lossy(&ran.stdout), format!("it's|{evil}"));
        assert!(told.lines().all(|line| !line.starts_with("```sh)")), "{told}");
    }

    fn manifest() -> Manifest {
        Manifest {
            format: Manifest::FORMAT,
            id: BackupId::parse("sales-1").expect("an id"),
            deployment: DeploymentName::parse("sales").expect("a name"),
            made_at: chrono::DateTime::UNIX_EPOCH,
            kind: "dump".into(),
            how: String::new(),
            by: "ana".into(),
            reason: String::new(),
            console_version: "0".into(),
            version: Version::new(5, 26, 5),
            edition: Edition::Community,
            image: "neo4j:5.26.5-community".into(),
            image_id: ImageId("sha256:aa".into()),
            image_digest: None,
            container: "sales".into(),
            env: vec![],
            plugins: vec![],
            databases: vec![Content { nodes: 3, relationships: 2, ..Content::default() }],
            counted_at: None,
            left_out: vec![],
            neo4j_users: vec!["neo4j".into()],
            parts: vec![],
            offline_ms: 0,
            duration_ms: 0,
        }
    }

    /// What it does is proven by following it (`tests/live_by_hand.rs`).
    #[test]
    fn every_database_and_the_users_are_loaded_and_only_the_settings_name_this_server() {
        let text = guide(&manifest(), "sales-data", false);
        assert!(
            text.contains("CONTAINER='sales'\nDATA='sales-data'") && text.contains("IMAGE='neo4j:5.26.5-community'"),
            "{text}"
        );
        assert!(
            text.contains("database load neo4j --from-path") && text.contains("database load system --from-path"),
            "{text}"
        );
        assert!(
            text.contains("http://localhost:7474/db/neo4j/tx/commit") && text.contains("# neo4j: 3 nodes"),
            "{text}"
        );
        let steps = text.split("```sh").nth(2).expect("two blocks");
        assert!(!steps.contains("sales"), "the names stand in one place: {steps}");
        assert!(!text.contains("age -d"), "{text}");
    }

    #[test]
    fn an_encrypted_copy_is_decrypted_before_the_same_steps() {
        let text = guide(&manifest(), "sales-data", true);
        assert!(text.contains("KEY='key.txt'") && text.contains("AGE-SECRET-KEY-1"), "{text}");
        let (decrypt, stop) =
            (text.find("age -d -i \"$KEY\"").expect("it is told"), text.find("docker stop").expect("and the rest"));
        assert!(decrypt < stop);
    }
}
