//! Backups: list and start.

use super::body::OptionalBody;
use super::deployments::Why;
use super::shapes::{BackupRow, Queued};
use super::{Answer, deployment};
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use domain::Invalid;
use domain::page::Page;
use ops::Actor;
use ops::backups::{ListBackups, StartBackup};

/// Backups of a deployment, newest first. `X-Total-Count` counts all; `Link` leads to the pages before and after.
#[utoipa::path(get, path = "/deployments/{name}/backups", tag = "backups", params(("name" = String, Path, description = "Of the deployment"), ("page" = Option<u32>, Query, description = "From 1", minimum = 1)), responses((status = 200, body = [BackupRow], headers(("X-Total-Count" = u64), ("Link" = String))), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn list(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer<impl IntoResponse> {
    let (deployment, page) = (deployment(&name)?, page(query.as_deref())?);
    let path = format!("/api/v1/deployments/{deployment}/backups");
    let found = site.console.ask(&actor, ListBackups { deployment: Some(deployment), page }).await?;
    let headers = links(&path, &found);
    Ok((headers, Json(found.items.into_iter().map(BackupRow::from).collect::<Vec<_>>())))
}

/// Take a backup now.
#[utoipa::path(post, path = "/deployments/{name}/backups", tag = "backups", params(("name" = String, Path, description = "Of the deployment")), request_body = Option<Why>, responses((status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn start(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    OptionalBody(why): OptionalBody<Why>,
) -> Answer<impl IntoResponse> {
    let job = site.console.perform(&actor, StartBackup { deployment: deployment(&name)?, reason: why.reason()? }).await?;
    Ok((StatusCode::ACCEPTED, Json(Queued { job: job.0 })))
}

/// `?page=2`; the first when it is not said.
fn page(query: Option<&str>) -> Result<u32, Invalid> {
    let asked = query.into_iter().flat_map(|q| q.split('&')).filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == "page");
    let Some((_, text)) = asked else { return Ok(1) };
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| Invalid::new("page", "The page is a whole number from 1."))
}

/// Of the list that stands at `path`.
fn links<T>(path: &str, page: &Page<T>) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([(header::HeaderName::from_static("x-total-count"), HeaderValue::from(page.total))]);
    let before = (page.page > 1).then(|| format!("<{path}?page={}>; rel=\"prev\"", page.page - 1));
    let after = (page.page < page.pages()).then(|| format!("<{path}?page={}>; rel=\"next\"", page.page + 1));
    let all: Vec<String> = before.into_iter().chain(after).collect();
    if let (false, Ok(value)) = (all.is_empty(), HeaderValue::from_str(&all.join(", "))) {
        headers.insert(header::LINK, value);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_pages_before_and_after() {
        let link =
            |page| links("/x", &Page { items: vec![(); 50], total: 120, page, per_page: 50 }).get(header::LINK).map(|v| v.to_str().expect("text").to_owned());
        assert_eq!(link(1), Some("</x?page=2>; rel=\"next\"".into()));
        assert_eq!(link(2), Some("</x?page=1>; rel=\"prev\", </x?page=3>; rel=\"next\"".into()));
        assert_eq!(link(3), Some("</x?page=2>; rel=\"prev\"".into()));
    }

    #[test]
    fn a_page_is_a_number_from_one() {
        assert_eq!(page(None), Ok(1));
        assert_eq!(page(Some("a=b&page=3")), Ok(3));
        assert!(["page=0", "page=-1", "page=x"].into_iter().all(|q| page(Some(q)).is_err()));
    }
}
