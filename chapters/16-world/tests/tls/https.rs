//! The server of this chapter over TLS, asked by curl. Where curl is not installed, the tests say so and are skipped.

use std::fs;
use std::io::ErrorKind;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;

use cancellation::Source;
use event_loop::EventLoop;
use futures_rustls::rustls::AlertDescription;
use hyper::Request;
use hyper::body::Incoming;
use reactor::{Reactor, TcpListener};
use tempfile::TempDir;
use world::http_connection::{Answer, Answering, Patience, serve_connection};
use world::reply::text;
use world::tls::{Authority, Failure, Validity, accept, acceptor};

use super::LIMIT;

struct Hello;

impl Answer for Hello {
    fn answer(self: Rc<Self>, request: Request<Incoming>) -> Answering {
        let said = format!("{:?}", request.version());
        Box::pin(async move { text(said) })
    }
}

/// `None` if it is not installed.
fn curl(options: &[&str], port: u16) -> Option<Child> {
    let run = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "60"])
        .args(options)
        .args(["--resolve", &format!("localhost:{port}:127.0.0.1")])
        .arg(format!("https://localhost:{port}/"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    match run {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("skipped: curl is not installed (Debian: apt-get install curl)");
            None
        }
        run => Some(run.unwrap()),
    }
}

/// What curl printed, its status, and how the server's handshake ended.
type Asked = (String, Option<i32>, Result<(), Failure>);

/// Serves one connection of curl.
fn served(authority: &Authority, options: &[&str]) -> Option<Asked> {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    let identity = authority.issue("localhost", Validity::Valid);
    event_loop.block_on(async {
        let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap()).unwrap();
        let client = curl(options, listener.local_addr().unwrap().port())?;
        let (stream, _) = listener.accept().await.unwrap();
        let acceptor = acceptor(&identity, &["h2", "http/1.1"]);
        let accepted = accept(&acceptor, stream, &handle, LIMIT).await;
        let ended = match accepted {
            Err(failure) => Err(failure),
            Ok(stream) => {
                let (on_loop, closing) = (handle.clone(), Source::new().token());
                let patience = Patience::default();
                let served = serve_connection(stream, on_loop, Rc::new(Hello), patience, closing);
                // curl may leave without saying so.
                let _ended = served.await;
                Ok(())
            }
        };
        let client = client.wait_with_output().unwrap();
        let printed = String::from_utf8(client.stdout).unwrap();
        Some((printed, client.status.code(), ended))
    })
}

#[test]
fn curl_trusts_the_authority_that_it_is_given_and_chooses_the_protocol() {
    let folder = TempDir::new().unwrap();
    let authority = Authority::new("ours");
    let file = folder.path().join("authority.pem");
    fs::write(&file, authority.pem()).unwrap();
    let trusts = ["--cacert", file.to_str().unwrap()];
    for (option, version) in [("--http1.1", "HTTP/1.1"), ("--http2", "HTTP/2.0")] {
        let options = [trusts[0], trusts[1], option];
        let Some((printed, status, ended)) = served(&authority, &options) else {
            return;
        };
        assert_eq!((printed.as_str(), status), (version, Some(0)), "{ended:?}");
    }
}

#[test]
fn curl_refuses_an_authority_that_it_does_not_know_and_the_server_learns_why() {
    let authority = Authority::new("ours");
    let Some((printed, status, ended)) = served(&authority, &[]) else {
        return;
    };
    // curl's number for a certificate that cannot be verified.
    assert_eq!((printed.as_str(), status), ("", Some(60)));
    let unknown = matches!(ended, Err(Failure::Refused(AlertDescription::UnknownCA)));
    assert!(unknown, "{ended:?}");
}
