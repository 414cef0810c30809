//! Lists in pages: `?page=2`, `X-Total-Count`, and `Link` to the pages before and after.

use axum::http::{HeaderMap, HeaderValue, header};
use domain::Invalid;
use domain::page::Page;

/// Of the query string, as it stands there; names and numbers need no decoding.
pub fn parameter<'q>(query: Option<&'q str>, name: &str) -> Option<&'q str> {
    let mut pairs = query.into_iter().flat_map(|q| q.split('&')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// `?page=2`; the first when it is not said.
pub fn page(query: Option<&str>) -> Result<u32, Invalid> {
    let Some(text) = parameter(query, "page") else { return Ok(1) };
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| Invalid::new("page", "The page is a whole number from 1."))
}

/// Of the list that stands at `path`, which ends in `?` or `&`.
pub fn links<T>(path: &str, page: &Page<T>) -> HeaderMap {
    let mut headers =
        HeaderMap::from_iter([(header::HeaderName::from_static("x-total-count"), HeaderValue::from(page.total))]);
    let before = (page.page > 1).then(|| format!("<{path}page={}>; rel=\"prev\"", page.page - 1));
    let after = (page.page < page.pages()).then(|| format!("<{path}page={}>; rel=\"next\"", page.page + 1));
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
        let link = |page| {
            links("/x?", &Page { items: vec![(); 50], total: 120, page, per_page: 50 })
                .get(header::LINK)
                .map(|v| v.to_str().expect("text").to_owned())
        };
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
