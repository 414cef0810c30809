//! What `make bench` measures the console's pages against: a page of plain axum over SQLite. It reads a session and 40
//! rows, and writes some kilobytes of HTML; no rights, no audit, no templates. Prints the address it listens on.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Html;
use axum::routing::get;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use std::fmt::Write;

#[tokio::main(worker_threads = 4)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("the file of the database is missing")?;
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
    sqlx::query("CREATE TABLE sessions (id TEXT PRIMARY KEY, name TEXT)").execute(&pool).await?;
    sqlx::query("CREATE TABLE rows (id INTEGER PRIMARY KEY, words TEXT)").execute(&pool).await?;
    sqlx::query("INSERT INTO sessions VALUES ('one', 'ana')").execute(&pool).await?;
    for n in 0..40 {
        let words = format!("a row of about a hundred letters, as a page of the console has them, number {n}");
        sqlx::query("INSERT INTO rows (words) VALUES (?)").bind(words).execute(&pool).await?;
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/", get(page)).with_state(pool)).await?;
    Ok(())
}

async fn page(State(pool): State<SqlitePool>, headers: HeaderMap) -> Result<Html<String>, StatusCode> {
    read(&pool, &headers).await.map(Html).ok_or(StatusCode::UNAUTHORIZED)
}

async fn read(pool: &SqlitePool, headers: &HeaderMap) -> Option<String> {
    let id = headers.get(header::COOKIE)?.to_str().ok()?.strip_prefix("id=")?;
    let name: String =
        sqlx::query_scalar("SELECT name FROM sessions WHERE id = ?").bind(id).fetch_optional(pool).await.ok()??;
    let rows: Vec<(i64, String)> = sqlx::query_as("SELECT id, words FROM rows").fetch_all(pool).await.ok()?;
    let mut html = format!("<!DOCTYPE html><title>{name}</title><h1>{name}</h1><ul>");
    for (id, words) in rows {
        write!(html, "<li class=\"row\"><a class=\"lead\" href=\"/rows/{id}\">{words}</a><span>{id}</span></li>")
            .ok()?;
    }
    html.push_str("</ul>");
    Some(html)
}
