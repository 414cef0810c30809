//! Targets that are encrypted: adding one, what is told of its copies, and that an identity goes no further than its
//! restore.

use super::{Robot, problem, read};
use domain::member::Role;
use ops::engine::encryption::new_key;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, COOKIE, REFERER};
use serde_json::{Value, json};
use tests::site::{cookies, location, path_of};

fn vault(recipients: &[&str]) -> Value {
    json!({ "name": "vault", "kind": "directory", "path": "/mnt/vault", "age_recipients": recipients })
}

/// Backs up to these targets; the backup's id.
async fn backup_to(robot: &Robot, targets: &[&str]) -> String {
    let queued =
        read(robot.post("/deployments/sales/backups", &json!({ "targets": targets })).await, StatusCode::ACCEPTED)
            .await;
    let done = robot.job(queued["job"].as_i64().expect("a job")).await;
    assert_eq!(done["state"], "succeeded", "{done}");
    done["result"]["backup"].as_str().expect("a backup").to_string()
}

fn restore(id: &str, identity: Option<&str>) -> Value {
    json!({ "backup": id, "confirm": "sales", "reason": "a test", "include_users": false, "age_identity": identity })
}

#[tokio::test]
async fn a_wrong_recipient_is_refused_by_its_field_and_a_secret_is_never_repeated() {
    let robot = Robot::new(Role::Admin).await;
    let (recipient, identity) = new_key();
    let mistyped =
        format!("{}{}", &recipient.as_str()[..61], if recipient.as_str().ends_with('q') { 'p' } else { 'q' });
    for (wrong, word) in [
        ("age1short", "age1 and 58"),
        (identity.expose(), "is an identity"),
        (mistyped.as_str(), "checksum"),
        ("ssh-ed25519 AAAA", "age1 and 58"),
    ] {
        let refused = problem(robot.post("/targets", &vault(&[recipient.as_str(), wrong])).await, 400).await;
        assert_eq!(refused["fields"][0]["field"], "age_recipients", "{refused}");
        assert!(
            refused["title"].as_str().expect("text").contains(word) && !refused.to_string().contains(identity.expose()),
            "{refused}"
        );
    }
    assert_eq!(robot.post("/targets", &vault(&[recipient.as_str()])).await.status(), StatusCode::CREATED);
    let all = read(robot.get("/targets").await, StatusCode::OK).await;
    assert_eq!(
        (&all[0]["age_recipients"], &all[1]["age_recipients"]),
        (&json!([]), &json!([recipient.as_str()])),
        "{all}"
    );
    let admin = robot.site.signed_in("ana", Role::Admin).await;
    let page = admin.page("/targets").await.text().await.expect("a page");
    assert!(page.contains("For 1 key"), "{page}");
    assert!(admin.page("/targets/vault").await.text().await.expect("a page").contains(recipient.as_str()));
}

/// Without JavaScript what was typed goes through a cookie, which must not be the secret's way out.
#[tokio::test]
async fn an_identity_pasted_into_the_form_of_a_target_is_refused_and_not_shown_again() {
    let robot = Robot::new(Role::Admin).await;
    let (recipient, identity) = new_key();
    let admin = robot.site.signed_in("ana", Role::Admin).await;
    for (typed, kept) in [(identity.expose().to_string(), false), (format!("{recipient}\nage1short"), true)] {
        let form = [("name", "vault"), ("path", "/mnt/vault"), ("age_recipients", typed.as_str())];
        let page = format!("{}/targets/new?kind=directory", robot.site.url);
        let refused = admin
            .post(&path_of("add_directory"))
            .header(ACCEPT, "text/html")
            .header(REFERER, page)
            .form(&form)
            .send()
            .await
            .expect("an answer");
        assert_eq!(location(&refused), "/targets/new?kind=directory");
        let cookie = cookies(&refused)
            .iter()
            .find_map(|c| c.starts_with("refused=").then(|| c.split(';').next().unwrap_or_default().to_string()));
        let both = format!("{}; {}", admin.cookie, cookie.expect("the reason"));
        let page = admin
            .get("/targets/new?kind=directory")
            .header(ACCEPT, "text/html")
            .header(COOKIE, both)
            .send()
            .await
            .expect("a page");
        let page = page.text().await.expect("a page");
        assert!(page.contains("age_recipients-error") && page.contains("/mnt/vault"), "{page}");
        assert_eq!(page.contains(recipient.as_str()), kept, "{page}");
        assert!(!page.contains(identity.expose()), "{page}");
    }
    assert_eq!(
        read(robot.get("/targets").await, StatusCode::OK).await.as_array().map(Vec::len),
        Some(1),
        "nothing was added"
    );
}

#[tokio::test]
async fn an_encrypted_backup_is_restored_with_the_identity_which_no_answer_and_no_page_shows() {
    let robot = Robot::with_sales(Role::Admin).await;
    let ((recipient, identity), (_, stranger)) = (new_key(), new_key());
    assert_eq!(robot.post("/targets", &vault(&[recipient.as_str()])).await.status(), StatusCode::CREATED);
    let id = backup_to(&robot, &["vault"]).await;
    let seen = read(robot.get(&format!("/backups/{id}")).await, StatusCode::OK).await;
    let copy = &seen["targets"][0];
    assert_eq!((&copy["state"], &copy["age_recipients"]), (&json!("verified"), &json!([recipient.as_str()])), "{seen}");
    let sums =
        robot.site.inside.targets.at("/mnt/vault").files.lock().expect("files")[&format!("{id}/SHA256SUMS")].clone();
    assert_eq!(
        copy["sha256"],
        ops::engine::bundle::part_of("SHA256SUMS", std::str::from_utf8(&sums).expect("text")).sha256
    );

    for wrong in [None, Some("AGE-SECRET-KEY-1SHORT"), Some(recipient.as_str()), Some(stranger.expose())] {
        let refused = problem(robot.post("/deployments/sales/restore", &restore(&id, wrong)).await, 400).await;
        assert_eq!(refused["fields"][0]["field"], "age_identity", "{refused}");
        assert!(
            !refused.to_string().contains("SHORT") && !refused.to_string().contains(stranger.expose()),
            "{refused}"
        );
    }
    let admin = robot.site.signed_in("ana", Role::Admin).await;
    let wizard = format!("/deployments/sales/restore/{id}");
    assert!(
        admin
            .page(&format!("{wizard}/checks"))
            .await
            .text()
            .await
            .expect("a page")
            .contains("The next step asks for the identity")
    );
    let confirm = admin.page(&format!("{wizard}/confirm")).await.text().await.expect("a page");
    assert!(confirm.contains("name=\"age_identity\"") && confirm.contains("spellcheck=\"false\""), "{confirm}");

    let queued = read(
        robot.post("/deployments/sales/restore", &restore(&id, Some(identity.expose()))).await,
        StatusCode::ACCEPTED,
    )
    .await;
    let job = queued["job"].as_i64().expect("a job");
    let done = robot.job(job).await;
    assert_eq!(done["state"], "succeeded", "{done}");
    for path in [format!("/jobs/{job}"), "/audit".into(), format!("/deployments/sales/backups/{id}")] {
        let page = admin.page(&path).await;
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        let text = page.text().await.expect("a page");
        assert!(!text.contains(identity.expose()) && !text.contains(stranger.expose()), "{path}");
    }
    assert!(!done.to_string().contains("AGE-SECRET-KEY"), "{done}");
}

#[tokio::test]
async fn an_encrypted_backup_is_downloaded_as_it_is_and_uploaded_to_another_console() {
    let (one, other) = (Robot::with_sales(Role::Admin).await, Robot::with_sales(Role::Admin).await);
    let (recipient, identity) = new_key();
    assert_eq!(one.post("/targets", &vault(&[recipient.as_str()])).await.status(), StatusCode::CREATED);
    let id = backup_to(&one, &["vault"]).await;
    let download = |id: String| {
        let one = &one;
        async move { one.get(&format!("/backups/{id}/download")).await.bytes().await.expect("all of it").to_vec() }
    };
    let file = download(id.clone()).await;
    let upload = |file: Vec<u8>| other.person.post("/api/v1/uploads").bearer_auth(&other.token).body(file).send();
    let mut changed = file.clone();
    let at = changed.windows(14).rposition(|seen| seen == b"system.dump.ag").expect("a part") + 700;
    changed[at] ^= 1;
    assert!(problem(upload(changed).await.expect("an answer"), 400).await.to_string().contains("sha256"));
    assert!(other.site.inside.target.files.lock().expect("files").is_empty(), "nothing is kept");

    let answer = read(upload(file).await.expect("an answer"), StatusCode::CREATED).await;
    assert_eq!(other.job(answer["job"].as_i64().expect("a job")).await["state"], "succeeded");
    let there = one.site.inside.targets.at("/mnt/vault").files.lock().expect("files").clone();
    assert_eq!(*other.site.inside.target.files.lock().expect("files"), there, "the very files");
    let seen = read(other.get(&format!("/backups/{id}")).await, StatusCode::OK).await;
    assert_eq!(seen["targets"][0]["age_recipients"], json!([recipient.as_str()]), "{seen}");
    problem(other.post("/deployments/sales/restore", &restore(&id, None)).await, 400).await;
    let queued = read(
        other.post("/deployments/sales/restore", &restore(&id, Some(identity.expose()))).await,
        StatusCode::ACCEPTED,
    )
    .await;
    assert_eq!(other.job(queued["job"].as_i64().expect("a job")).await["state"], "succeeded");

    // Where there is a copy that is not encrypted, that one is handed out.
    let both = backup_to(&one, &["vault", "local"]).await;
    let names = |file: &[u8]| {
        let mut tar = tar::Archive::new(file);
        let entries = tar
            .entries()
            .expect("a tar")
            .map(|entry| entry.expect("an entry").path().expect("a name").display().to_string());
        entries.collect::<Vec<String>>()
    };
    assert!(names(&download(both).await).iter().all(|name| !name.ends_with(".age")));
    assert!(names(&download(id).await).iter().any(|name| name.ends_with("dumps/neo4j.dump.age")));
}

#[tokio::test]
async fn a_deployment_with_encrypted_copies_only_is_told_that_it_cannot_be_drilled() {
    let robot = Robot::with_sales(Role::Admin).await;
    assert_eq!(robot.post("/targets", &vault(&[new_key().0.as_str()])).await.status(), StatusCode::CREATED);
    let id = backup_to(&robot, &["vault"]).await;
    for body in [json!({}), json!({ "backup": id })] {
        let told = problem(robot.post("/deployments/sales/drills", &body).await, 409).await;
        assert!(told.to_string().contains("no identity"), "{told}");
    }
    let admin = robot.site.signed_in("ana", Role::Admin).await;
    assert!(
        admin.page("/deployments/sales/drills").await.text().await.expect("a page").contains("No drill can be run.")
    );
    assert!(admin.page("/deployments/sales").await.text().await.expect("a page").contains("No drill possible"));
    let read_back = read(robot.post(&format!("/backups/{id}/verify"), &json!({})).await, StatusCode::ACCEPTED).await;
    assert_eq!(robot.job(read_back["job"].as_i64().expect("a job")).await["state"], "succeeded");
}
