//! hyper's own client asks the site, over HTTP/1 and HTTP/2.

use std::fs;

use futures::future::join_all;
use hyper::StatusCode;
use hyper::header::{ALLOW, CONTENT_LENGTH, LOCATION};

use super::started::{body, files, with_site};

#[test]
fn a_connection_carries_several_requests() {
    with_site(|site| async move {
        let mut client = site.client().await;
        for name in ["Ada", "Grace", "Barbara"] {
            let request = site.get(&format!("/hello/{name}"));
            let response = client.send_request(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(body(response).await, format!("Hello, {name}!\n"));
        }
    });
}

#[test]
fn json_that_a_client_sends_comes_back_from_the_url_that_the_server_built() {
    with_site(|site| async move {
        let mut client = site.client().await;
        let written = site.post("/notes", r#"{"text": "buy milk"}"#);
        let response = client.send_request(written).await.unwrap();
        assert_eq!(response.status(), StatusCode::CREATED);
        let url = response.headers()[LOCATION].to_str().unwrap().to_owned();
        let _ = body(response).await;
        let response = client.send_request(site.get(&url)).await.unwrap();
        assert_eq!(body(response).await, r#"{"text":"buy milk"}"#);
    });
}

#[test]
fn the_server_names_what_is_wrong_with_a_request() {
    with_site(|site| async move {
        let mut client = site.client().await;
        let response = client.send_request(site.post("/notes", "{")).await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(body(response).await.starts_with(b"EOF while parsing"));
        let response = client.send_request(site.get("/notes")).await.unwrap();
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()[ALLOW], "POST");
        let _ = body(response).await;
        let response = client.send_request(site.get("/nowhere")).await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    });
}

#[test]
fn a_body_that_is_too_long_is_refused_before_it_is_in_memory() {
    with_site(|site| async move {
        let mut client = site.client().await;
        let long = "x".repeat(world::site::LONGEST_BODY + 1);
        let response = client.send_request(site.post("/notes", &long)).await;
        assert_eq!(response.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
    });
}

#[test]
fn a_file_arrives_whole_with_its_length() {
    with_site(|site| async move {
        let mut client = site.client().await;
        let text = fs::read(files().join("site.rs")).unwrap();
        let request = site.get("/static/site.rs");
        let response = client.send_request(request).await.unwrap();
        assert_eq!(response.headers()[CONTENT_LENGTH], text.len().to_string());
        assert_eq!(body(response).await, text);
    });
}

#[test]
fn no_path_leads_out_of_the_folder() {
    with_site(|site| async move {
        let mut client = site.client().await;
        for path in [
            "../Cargo.toml",
            "..%2FCargo.toml",
            "%2e%2e/Cargo.toml",
            "bin/../../Cargo.toml",
            "/etc/passwd",
            "%2Fetc%2Fpasswd",
            "bin",
            "",
            "..%5CCargo.toml",
            "site.rs%00.txt",
        ] {
            let request = site.get(&format!("/static/{path}"));
            let response = client.send_request(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
            let _ = body(response).await;
        }
    });
}

#[test]
fn one_connection_of_http_2_carries_a_hundred_requests_at_the_same_time() {
    with_site(|site| async move {
        let client = site.client_of_two().await;
        let requests = (0..100).map(|number| {
            let mut client = client.clone();
            let request = site.get(&format!("/hello/{number}"));
            async move { body(client.send_request(request).await.unwrap()).await }
        });
        for (number, answer) in join_all(requests).await.into_iter().enumerate() {
            assert_eq!(answer, format!("Hello, {number}!\n"));
        }
    });
}
