//! What registries say in headers: the next page, where to get a token, the digest.

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, LINK, WWW_AUTHENTICATE};

/// Kinds of manifests: lists of platforms first, because their digest is what a tag means everywhere.
pub const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
                             application/vnd.docker.distribution.manifest.list.v2+json, \
                             application/vnd.oci.image.manifest.v1+json, \
                             application/vnd.docker.distribution.manifest.v2+json";

const DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// What the registry wants to be shown.
#[derive(Debug, PartialEq, Eq)]
pub enum Challenge {
    Token(TokenService),
    /// User and password themselves.
    Basic,
}

/// Where a token for the registry can be had.
#[derive(Debug, PartialEq, Eq)]
pub struct TokenService {
    pub realm: String,
    pub service: Option<String>,
    pub scope: Option<String>,
}

/// Of a 401; none when it is not told or not known. A token rather than the password, where both will do.
pub fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    let told = || headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let basic =
        || told().filter_map(|header| http_auth::parse_challenges(header).ok()).flatten().any(|one| is_basic(&one));
    told().find_map(bearer).map(Challenge::Token).or_else(|| basic().then_some(Challenge::Basic))
}

fn is_basic(challenge: &http_auth::ChallengeRef) -> bool {
    challenge.scheme.eq_ignore_ascii_case("basic")
}

fn bearer(header: &str) -> Option<TokenService> {
    let all = http_auth::parse_challenges(header).ok()?;
    let bearer = all.iter().find(|one| one.scheme.eq_ignore_ascii_case("bearer"))?;
    let param = |name: &str| {
        let found = bearer.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_unescaped())
    };
    Some(TokenService { realm: param("realm")?, service: param("service"), scope: param("scope") })
}

/// The page after the one of `url`. It stays at the same server whatever the link says: one behind a proxy often names
/// itself wrongly, and a token must go nowhere else.
pub fn next(headers: &HeaderMap, url: &Url) -> Option<Url> {
    let links = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(','));
    let next = links.filter_map(|link| link.trim().strip_prefix('<')?.split_once('>')).find(|(_, rest)| is_next(rest));
    let led = url.join(next?.0).ok()?;
    let mut page = url.clone();
    page.set_path(led.path());
    page.set_query(led.query());
    Some(page)
}

fn is_next(parameters: &str) -> bool {
    let mut pairs = parameters.split(';').filter_map(|pair| pair.split_once('='));
    pairs.any(|(name, value)| name.trim().eq_ignore_ascii_case("rel") && value.trim().trim_matches('"') == "next")
}

/// `sha256:…`, if it is one.
pub fn digest(headers: &HeaderMap) -> Option<&str> {
    let told = headers.get(DIGEST)?.to_str().ok()?;
    let hex = told.strip_prefix("sha256:")?;
    (hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))).then_some(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn one(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).expect("a header"))])
    }

    #[test]
    fn a_challenge_tells_where_a_token_is_had() {
        let hub =
            r#"Bearer realm="https://auth.example.com/token",service="registry",scope="repository:a/b:pull,push""#;
        let want = TokenService {
            realm: "https://auth.example.com/token".into(),
            service: Some("registry".into()),
            scope: Some("repository:a/b:pull,push".into()),
        };
        assert_eq!(challenge(&one(WWW_AUTHENTICATE, hub)), Some(Challenge::Token(want)));
        let short = challenge(&one(WWW_AUTHENTICATE, r#"Basic realm="x", bearer realm="https://a.example.com/t""#));
        let want = TokenService { realm: "https://a.example.com/t".into(), service: None, scope: None };
        assert_eq!(short, Some(Challenge::Token(want)), "the password only where nothing else will do");
        assert_eq!(challenge(&one(WWW_AUTHENTICATE, r#"basic realm="x""#)), Some(Challenge::Basic));
        for none in [r#"Digest realm="x""#, "Bearer", r#"Bearer service="x""#, "\"", ""] {
            assert_eq!(challenge(&one(WWW_AUTHENTICATE, none)), None, "{none}");
        }
    }

    #[test]
    fn the_next_page_is_at_the_same_server() {
        let here = Url::parse("https://r.example.com:5000/v2/a/tags/list?n=2").expect("an address");
        let led = |link: &str| next(&one(LINK, link), &here).map(|url| url.to_string());
        let page = Some("https://r.example.com:5000/v2/a/tags/list?n=2&last=b".to_string());
        assert_eq!(led(r#"</v2/a/tags/list?n=2&last=b>; rel="next""#), page);
        assert_eq!(led(r#"<http://evil.example.com/v2/a/tags/list?n=2&last=b>; rel=next"#), page);
        assert_eq!(led(r#"</x>; rel="prev", <?n=2&last=b>; title="x"; rel="next""#), page);
        for none in [r#"</x>; rel="prev""#, "</x>", "x", ""] {
            assert_eq!(led(none), None, "{none}");
        }
        assert_eq!(next(&HeaderMap::new(), &here), None);
    }

    #[test]
    fn a_digest_is_one_of_sha256() {
        let good = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(digest(&one(DIGEST, &good)), Some(good.as_str()));
        for bad in ["sha256:0a", "md5:0a", &good.to_uppercase(), &good[7..]] {
            assert_eq!(digest(&one(DIGEST, bad)), None, "{bad}");
        }
    }
}
