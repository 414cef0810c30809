//! Cookies and addresses, as a browser or a proxy sends them.

use super::input::{damaged, text};
use super::{check, runtime};
use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderValue};
use proptest::collection::vec;
use proptest::prelude::*;
use server::http::address;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tests::site::{TestSite, cookies};

fn hop() -> impl Strategy<Value = String> {
    let address = any::<IpAddr>().prop_map(|ip| ip.to_string());
    let inner = any::<[u8; 3]>().prop_map(|[a, b, c]| Ipv4Addr::new(10, a, b, c).to_string());
    prop_oneof![address, inner, text(), "[0-9.:\\[\\]]{0,30}", any::<SocketAddr>().prop_map(|at| at.to_string())]
}

#[test]
fn an_address_is_one_a_trusted_proxy_named_or_the_peers_own() {
    let trusted = ["10.0.0.0/8".parse().expect("a network")];
    check(&(any::<IpAddr>(), vec(vec(hop(), 0..4), 0..3)), |(peer, lists)| {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer, 1)));
        let mut headers = HeaderMap::new();
        for value in lists.iter().filter_map(|list| HeaderValue::from_str(&list.join(", ")).ok()) {
            headers.append("x-forwarded-for", value);
        }
        let seen: IpAddr = address::of(&extensions, &headers, &trusted).parse().expect("an address");
        if !trusted[0].contains(&peer.to_canonical()) {
            prop_assert_eq!(seen, peer.to_canonical(), "nobody else may say who it is");
        }
        prop_assert_eq!(
            address::of(&extensions, &headers, &[]).parse::<IpAddr>().expect("an address"),
            peer.to_canonical()
        );
        Ok(())
    });
}

#[test]
fn no_cookie_makes_a_page_fail_or_signs_anybody_in() {
    let runtime = runtime();
    let site = runtime.block_on(TestSite::start());
    let visitor = site.visitor();
    // A refusal that a form without JavaScript brings back: JSON in a cookie.
    let refused = runtime.block_on(async {
        site.member("ana", domain::member::Role::Admin).await;
        let form = [("name", "ana"), ("password", "wrong")];
        let request = visitor
            .post(&tests::site::path_of("sign_in"))
            .header("accept", "text/html")
            .header("referer", format!("{}/login", visitor.url))
            .form(&form);
        cookies(&request.send().await.expect("an answer"))
            .into_iter()
            .find(|cookie| cookie.starts_with("refused="))
            .expect("a refusal")
    });
    let whole = refused.split(';').next().expect("a pair").as_bytes().to_vec();
    let pair = ("(refused|theme|session|id|__Host-session)", text())
        .prop_map(|(name, value)| format!("{name}={value}").into_bytes());
    check(&vec(prop_oneof![damaged(whole).prop_map(|damaged| damaged.bytes), pair], 1..4), |pairs| {
        let Ok(cookie) = HeaderValue::from_bytes(&pairs.join(&b"; "[..])) else { return Ok(()) };
        let ask = async |path: &str| {
            visitor
                .get(path)
                .header("accept", "text/html")
                .header("cookie", cookie.clone())
                .send()
                .await
                .expect("an answer")
                .status()
        };
        let (door, inside) = runtime.block_on(async { (ask("/login").await, ask("/").await) });
        prop_assert!(door.is_success(), "{door}");
        prop_assert!(inside.is_redirection(), "{inside}");
        Ok(())
    });
}
