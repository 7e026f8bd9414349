//! Bytes that no good client sends.

use futures::io::{AsyncReadExt, AsyncWriteExt};

use super::started::{Started, with_site};

/// All that the server answers to these bytes until it closes, or until `answers` heads have come.
async fn answers_to(site: &Started, bytes: &[u8], answers: usize) -> String {
    let mut stream = site.connect().await;
    // The server may have closed before it has read everything.
    let _ = stream.write_all(bytes).await;
    let mut heard = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut chunk).await {
        heard.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&heard);
        if text.matches("HTTP/1.1 ").count() >= answers && text.ends_with('\n') {
            break;
        }
    }
    String::from_utf8(heard).unwrap()
}

#[test]
fn requests_in_one_segment_are_answered_in_their_order() {
    with_site(|site| async move {
        let requests: String = (0..50)
            .map(|number| format!("GET /hello/{number} HTTP/1.1\r\nhost: here\r\n\r\n"))
            .collect();
        let answers = answers_to(&site, requests.as_bytes(), 50).await;
        let names: Vec<&str> = answers
            .lines()
            .filter(|it| it.starts_with("Hello"))
            .collect();
        let expected: Vec<String> = (0..50).map(|number| format!("Hello, {number}!")).collect();
        assert_eq!(names, expected);
    });
}

#[test]
fn a_request_that_comes_byte_by_byte_is_answered() {
    with_site(|site| async move {
        let mut stream = site.connect().await;
        for byte in b"GET /hello/Ada HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n" {
            stream.write_all(&[*byte]).await.unwrap();
            site.reactor.caught_up().await;
        }
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("Hello, Ada!\n"), "{answer}");
    });
}

#[test]
fn what_is_no_http_is_a_bad_request() {
    with_site(|site| async move {
        for bytes in [
            &b"\0\0\0\0\r\n\r\n"[..],
            b"GET\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"GET / HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n",
            b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n",
        ] {
            let answer = answers_to(&site, bytes, 1).await;
            let shown = bytes.escape_ascii();
            assert!(answer.starts_with("HTTP/1.1 400 "), "{shown}: {answer}");
        }
    });
}

#[test]
fn a_head_that_is_too_long_is_refused() {
    with_site(|site| async move {
        let head = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(200_000));
        let answer = answers_to(&site, head.as_bytes(), 1).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
        let headers = "x: y\r\n".repeat(500);
        let head = format!("GET / HTTP/1.1\r\n{headers}\r\n");
        let answer = answers_to(&site, head.as_bytes(), 1).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    });
}

#[test]
fn a_client_that_leaves_in_the_middle_leaves_nothing_behind() {
    let numbers = with_site(|site| async move {
        for cut in 1..60 {
            let mut stream = site.connect().await;
            let request =
                b"POST /notes HTTP/1.1\r\nhost: here\r\ncontent-length: 9\r\n\r\n{\"text\"";
            stream.write_all(&request[..cut]).await.unwrap();
        }
        site.reactor.caught_up().await;
        site.finish();
        site.ended.await.unwrap()
    });
    assert_eq!((numbers.admitted, numbers.open()), (59, 0));
}
