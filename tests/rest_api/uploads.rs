//! Backups that leave the console as a file, and come back after its own state was lost.

use super::{Robot, problem, read, sales};
use domain::member::Role;
use reqwest::StatusCode;
use serde_json::json;
use std::io::Read;
use std::time::Duration;
use tests::site::Person;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// A console with one backup on its own target.
pub(crate) async fn backed_up() -> (Robot, String) {
    let robot = Robot::with_sales(Role::Admin).await;
    let queued = read(robot.post("/deployments/sales/backups", &json!({})).await, StatusCode::ACCEPTED).await;
    let done = robot.job(queued["job"].as_i64().expect("a job")).await;
    let id = done["result"]["backup"].as_str().expect("a backup").to_string();
    (robot, id)
}

#[tokio::test]
async fn a_console_that_lost_its_state_finds_its_backups_again_and_restores_one() {
    let (lost, id) = backed_up().await;
    let robot = Robot::new(Role::Admin).await;
    let files = std::mem::take(&mut *lost.site.inside.target.files.lock().expect("files"));
    *robot.site.inside.target.files.lock().expect("files") = files.clone();
    let wrong = [("half-bundle/dumps/x", "no manifest.json"), ("strange/manifest.json", "cannot be read")];
    for (key, _) in wrong {
        robot.site.inside.target.files.lock().expect("files").insert(key.into(), b"x".to_vec());
    }
    assert_eq!(robot.post("/deployments", &sales()).await.status(), StatusCode::CREATED);

    let scan = read(robot.post("/targets/local/scan", &json!({})).await, StatusCode::OK).await;
    assert_eq!((&scan["found"], &scan["known"]), (&json!([id]), &json!([])), "{scan}");
    for (key, why) in wrong {
        let name = key.split('/').next().expect("a name");
        let told = scan["unreadable"].as_array().expect("a list").iter().find(|u| u["id"] == name).expect("it is told");
        assert!(told["problem"].as_str().expect("text").contains(why), "{told}");
    }
    let seen = read(robot.get(&format!("/backups/{id}")).await, StatusCode::OK).await;
    assert_eq!(seen["targets"][0]["state"], "unread", "nothing is called verified before it was read");
    let again = read(robot.post("/targets/local/scan", &json!({})).await, StatusCode::OK).await;
    assert_eq!((&again["found"], &again["known"], &again["jobs"]), (&json!([]), &json!([id]), &json!([])), "{again}");

    assert_eq!(robot.job(scan["jobs"][0].as_i64().expect("a job")).await["state"], "succeeded");
    let seen = read(robot.get(&format!("/backups/{id}")).await, StatusCode::OK).await;
    assert_eq!(seen["targets"][0]["state"], "verified", "{seen}");
    let restore = json!({ "backup": id, "confirm": "sales", "reason": "a test", "include_users": false });
    let queued = read(robot.post("/deployments/sales/restore", &restore).await, StatusCode::ACCEPTED).await;
    let done = robot.job(queued["job"].as_i64().expect("a job")).await;
    assert_eq!(done["state"], "succeeded", "{done}");
}

#[tokio::test]
async fn a_restore_reads_a_found_backup_first_and_refuses_one_of_the_right_size_that_was_changed() {
    let (lost, id) = backed_up().await;
    let robot = Robot::new(Role::Admin).await;
    *robot.site.inside.target.files.lock().expect("files") =
        lost.site.inside.target.files.lock().expect("files").clone();
    robot.site.inside.target.damage("neo4j.dump");
    // Not adopted yet: nothing can be queued, and nothing is.
    let scan = read(robot.post("/targets/local/scan", &json!({})).await, StatusCode::OK).await;
    assert_eq!((&scan["found"], &scan["jobs"]), (&json!([id]), &json!([])), "{scan}");
    assert_eq!(robot.post("/deployments", &sales()).await.status(), StatusCode::CREATED);
    let restore = json!({ "backup": id, "confirm": "sales", "reason": "a test", "include_users": false });
    let queued = read(robot.post("/deployments/sales/restore", &restore).await, StatusCode::ACCEPTED).await;
    let done = robot.job(queued["job"].as_i64().expect("a job")).await;
    assert_eq!(done["state"], "failed", "{done}");
    let again = read(robot.post("/targets/local/scan", &json!({})).await, StatusCode::OK).await;
    assert_eq!(again["known"], json!([id]), "a scan does not forget what a reading found");
    let seen = read(robot.get(&format!("/backups/{id}")).await, StatusCode::OK).await;
    assert_eq!(seen["targets"][0]["state"], "failed", "{seen}");
}

#[tokio::test]
async fn a_part_that_is_missing_or_too_short_is_told_and_makes_no_backup() {
    let (lost, id) = backed_up().await;
    let robot = Robot::new(Role::Admin).await;
    let files = lost.site.inside.target.files.lock().expect("files").clone();
    for (keep, why) in [(0, "neo4j.dump is missing"), (10, "instead of")] {
        let mut changed = files.clone();
        let key = format!("{id}/dumps/neo4j.dump");
        let bytes = changed.remove(&key).expect("the dump");
        if keep > 0 {
            changed.insert(key, bytes[..keep].to_vec());
        }
        *robot.site.inside.target.files.lock().expect("files") = changed;
        let scan = read(robot.post("/targets/local/scan", &json!({})).await, StatusCode::OK).await;
        assert!(scan["unreadable"][0]["problem"].as_str().expect("text").contains(why), "{scan}");
        problem(robot.get(&format!("/backups/{id}")).await, 404).await;
    }
    problem(robot.with_role(Role::Lead).await.post("/targets/local/scan", &json!({})).await, 403).await;
}

#[tokio::test]
async fn a_backup_is_downloaded_as_one_tar_that_breaks_off_when_a_part_was_changed() {
    let (admin, id) = backed_up().await;
    problem(admin.with_role(Role::Operator).await.get(&format!("/backups/{id}/download")).await, 403).await;
    let lead = admin.with_role(Role::Lead).await;
    let response = lead.get(&format!("/backups/{id}/download")).await;
    assert_eq!(
        (response.status(), &response.headers()["content-type"]),
        (StatusCode::OK, &"application/x-tar".parse().expect("a value"))
    );
    let length: usize = response.headers()["content-length"].to_str().expect("text").parse().expect("a number");
    let bytes = response.bytes().await.expect("all of it");
    assert_eq!(bytes.len(), length);
    let mut found = std::collections::BTreeMap::new();
    for entry in tar::Archive::new(bytes.as_ref()).entries().expect("a tar") {
        let mut entry = entry.expect("an entry");
        let (name, mut content) = (entry.path().expect("a name").display().to_string(), Vec::new());
        entry.read_to_end(&mut content).expect("its content");
        found.insert(name, content);
    }
    assert_eq!(found, *admin.site.inside.target.files.lock().expect("files"), "the very files of the target");

    admin.site.inside.target.damage("neo4j.dump");
    // A small bundle breaks off before its head is sent, a large one in its middle.
    let whole = match lead.person.get(&format!("/api/v1/backups/{id}/download")).bearer_auth(&lead.token).send().await {
        Ok(response) => response.bytes().await.is_ok(),
        Err(_) => false,
    };
    assert!(!whole, "a changed part is not handed out as whole");
    admin.site.inside.target.lose("neo4j.dump");
    problem(lead.get(&format!("/backups/{id}/download")).await, 409).await;
}

#[tokio::test]
async fn the_link_on_a_backups_page_gives_the_same_file_to_those_who_may() {
    let (robot, id) = backed_up().await;
    let link = format!("/download/{id}");
    let lead = robot.site.signed_in("lena", Role::Lead).await;
    let response = lead.page(&link).await;
    assert_eq!(
        (response.status(), &response.headers()["content-type"]),
        (StatusCode::OK, &"application/x-tar".parse().expect("a value"))
    );
    assert!(!response.bytes().await.expect("all of it").is_empty());
    assert_eq!(lead.page("/download/..%2f..").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(robot.site.signed_in("otto", Role::Operator).await.page(&link).await.status(), StatusCode::FORBIDDEN);
    assert!(robot.site.visitor().page(&link).await.status().is_redirection(), "nobody signed in: to the door");
}

#[tokio::test]
async fn a_scan_by_the_page_says_in_numbers_what_was_seen() {
    let (robot, _) = backed_up().await;
    let admin = robot.site.signed_in("ana", Role::Admin).await;
    let answer = admin.call("scan_target", &[("name", "local")]).await;
    let to = tests::site::location(&answer).to_string();
    assert_eq!(to, "/targets/local?found=0&known=1&others=0");
    let page = admin.page(&to).await.text().await.expect("a page");
    assert!(page.contains("0 backups were found.") && page.contains("1 was known already."), "{page}");
}

async fn upload(robot: &Robot, file: Vec<u8>) -> reqwest::Response {
    robot.person.post("/api/v1/uploads").bearer_auth(&robot.token).body(file).send().await.expect("an answer")
}

async fn downloaded(robot: &Robot, id: &str) -> Vec<u8> {
    robot.get(&format!("/backups/{id}/download")).await.bytes().await.expect("all of it").to_vec()
}

#[tokio::test]
async fn a_backup_whose_files_were_lost_is_there_again_after_its_upload() {
    let (robot, id) = backed_up().await;
    let (file, there) =
        (downloaded(&robot, &id).await, || robot.site.inside.target.files.lock().expect("files").clone());
    let whole = there();
    // Without the others it is a whole backup all the same.
    for lost in whole.keys().filter(|key| key.contains("/dumps/") || key.ends_with("manifest.json")) {
        robot.site.inside.target.files.lock().expect("files").remove(lost);
        let answer = read(upload(&robot, file.clone()).await, StatusCode::CREATED).await;
        assert_eq!(there(), whole, "{lost}: {answer}");
    }
}

#[tokio::test]
async fn a_downloaded_backup_is_uploaded_to_another_console_and_restored_there() {
    let (one, id) = backed_up().await;
    let file = downloaded(&one, &id).await;
    let other = Robot::with_sales(Role::Admin).await;
    problem(upload(&other.with_role(Role::Operator).await, file.clone()).await, 403).await;
    let answer = read(upload(&other, file.clone()).await, StatusCode::CREATED).await;
    assert_eq!(answer["upload"], id.as_str());
    assert_eq!(other.job(answer["job"].as_i64().expect("a job")).await["state"], "succeeded");
    let files = |robot: &Robot| robot.site.inside.target.files.lock().expect("files").clone();
    assert_eq!(files(&other), files(&one), "the very files");
    let seen = read(other.get(&format!("/backups/{id}")).await, StatusCode::OK).await;
    assert_eq!(seen["targets"][0]["state"], "verified", "{seen}");
    let again = read(upload(&other, file).await, StatusCode::CREATED).await;
    assert_eq!((&again["upload"], &again["job"]), (&json!(id), &json!(null)), "nothing is done twice");
    let restore = json!({ "backup": answer["upload"], "confirm": "sales", "reason": "a test", "include_users": true });
    let queued = read(other.post("/deployments/sales/restore", &restore).await, StatusCode::ACCEPTED).await;
    assert_eq!(other.job(queued["job"].as_i64().expect("a job")).await["state"], "succeeded");
}

/// With a name in the middle that claims to have 8 GiB, and a mebibyte of it.
fn with_long_name(file: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path("long").expect("a path");
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(8 << 30);
    header.set_cksum();
    let manifest =
        512 + tar::Header::from_byte_slice(&file[..512]).entry_size().expect("a size").next_multiple_of(512) as usize;
    [&file[..manifest], header.as_bytes(), &vec![0; 1 << 20]].concat()
}

/// The manifest with another name, of as many bytes, for its database.
fn renamed(file: &[u8], database: &str, evil: &str) -> Vec<u8> {
    let (old, new) = (format!("\"database\": \"{database}\""), format!("\"database\": \"{evil}\""));
    let at = file.windows(old.len()).position(|seen| seen == old.as_bytes()).expect("it is in there");
    [&file[..at], new.as_bytes(), &file[at + old.len()..]].concat()
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused_and_nothing_of_it_is_kept() {
    let (one, id) = backed_up().await;
    let file = downloaded(&one, &id).await;
    let other = Robot::with_sales(Role::Admin).await;
    let changed = |needle: &[u8]| {
        let at = file.windows(needle.len()).rposition(|seen| seen == needle).expect("it is in there");
        let mut file = file.clone();
        file[at] ^= 1;
        file
    };
    let wrong = [
        (vec![0; 1 << 20], "It is empty"),
        (b"\x89PNG\r\n".repeat(200_000), "damaged"),
        (b"DZV1 and so on".to_vec(), "choose the deployment it is for"),
        (file[..file.len() / 2].to_vec(), ""),
        (changed(b"DZV1"), "sha256"),
        (with_long_name(&file), "a file name that is too long"),
        (renamed(&file, "neo4j", "x/;id"), "cannot be used in a backup"),
        (renamed(&file, "neo4j", ".././"), "cannot be used in a backup"),
    ];
    for (body, why) in wrong {
        let told = problem(upload(&other, body).await, 400).await;
        assert!(told.to_string().contains(why), "{why}: {told}");
        assert!(other.site.inside.target.files.lock().expect("files").is_empty(), "{why}");
        problem(other.get(&format!("/backups/{id}")).await, 404).await;
    }
}

#[tokio::test]
async fn a_browser_uploads_by_a_form_and_is_refused_from_another_site() {
    let (one, id) = backed_up().await;
    let other = Robot::new(Role::Admin).await;
    let lead = other.site.signed_in("lena", Role::Lead).await;
    let form = |content: Vec<u8>| {
        let mut body = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.tar\"\r\n\r\n".to_vec();
        body.extend(content);
        body.extend(b"\r\n--b--\r\n");
        lead.post("/upload").header("content-type", "multipart/form-data; boundary=b").body(body)
    };
    let file = downloaded(&one, &id).await;
    let forged = form(file.clone()).header("sec-fetch-site", "cross-site").send().await.expect("an answer");
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    assert_eq!(form(vec![7; 300_000]).send().await.expect("an answer").status(), StatusCode::BAD_REQUEST);
    let answer = form(file).send().await.expect("an answer");
    assert_eq!(tests::site::location(&answer), "/targets/local?done=uploaded");
    assert!(other.site.inside.target.files.lock().expect("files").contains_key(&format!("{id}/manifest.json")));
}

/// The head of an upload of 3 GiB and the beginning of its field, over a connection of its own; the status that came
/// back.
async fn endless_field(person: &Person) -> String {
    let host = person.url.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(host).await.expect("connected");
    let head = format!(
        "POST /upload HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\nContent-Type: multipart/form-data; \
         boundary=b\r\nContent-Length: 3221225472\r\n\r\n",
        person.cookie
    );
    let field = "--b\r\nContent-Disposition: form-data; name=\"deployment\"\r\n\r\n";
    stream.write_all(format!("{head}{field}{}", "x".repeat(20_000)).as_bytes()).await.expect("written");
    let mut answer = vec![0; 200];
    let count = timeout(Duration::from_secs(10), stream.read(&mut answer))
        .await
        .expect("before the rest comes")
        .expect("an answer");
    String::from_utf8_lossy(&answer[9..count.min(12)]).into_owned()
}

#[tokio::test]
async fn the_right_is_asked_before_a_byte_is_read_and_a_field_has_an_end() {
    let robot = Robot::new(Role::Admin).await;
    assert_eq!(endless_field(&robot.site.signed_in("vera", Role::Viewer).await).await, "403");
    assert_eq!(endless_field(&robot.site.signed_in("lena", Role::Lead).await).await, "400");
}

#[tokio::test]
async fn a_found_bundle_without_this_consoles_seal_waits_for_a_lead() {
    let (lost, id) = backed_up().await;
    let robot = Robot::with_sales(Role::Admin).await;
    let mut files = lost.site.inside.target.files.lock().expect("files").clone();
    files.insert(format!("{id}/manifest.seal"), "00".repeat(32).into_bytes()).expect("a seal was there");
    *robot.site.inside.target.files.lock().expect("files") = files;
    let scan = read(robot.post("/targets/local/scan", &json!({})).await, StatusCode::OK).await;
    robot.job(scan["jobs"][0].as_i64().expect("a job")).await;
    let origin = async || read(robot.get(&format!("/backups/{id}")).await, StatusCode::OK).await["origin"].clone();
    assert_eq!(origin().await, "outside");
    let restore = json!({ "backup": id, "confirm": "sales", "reason": "a test", "include_users": true });
    problem(robot.post("/deployments/sales/restore", &restore).await, 409).await;
    problem(robot.post("/deployments/sales/drills", &json!({ "backup": id })).await, 409).await;
    let page = format!("/deployments/sales/backups/{id}");
    for (name, role, may) in [("otto", Role::Operator, false), ("lena", Role::Lead, true)] {
        let text = robot.site.signed_in(name, role).await.page(&page).await.text().await.expect("a page");
        assert_eq!(
            (text.contains("This backup is from outside"), text.contains("accept_backup")),
            (true, may),
            "{name}"
        );
        assert!(!text.contains("Run a drill of it") && !text.contains(&format!("/restore/{id}")), "{name}");
    }
    problem(robot.with_role(Role::Operator).await.post(&format!("/backups/{id}/accept"), &json!({})).await, 403).await;
    assert_eq!(
        robot.with_role(Role::Lead).await.post(&format!("/backups/{id}/accept"), &json!({})).await.status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(origin().await, "accepted");
    read(robot.post("/deployments/sales/restore", &restore).await, StatusCode::ACCEPTED).await;
}
