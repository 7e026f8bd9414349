//! Both ends learn why a handshake failed.

use std::pin::pin;

use event_loop::{EventLoop, Handle, Time};
use futures::future::{Either, join, select};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use futures_rustls::rustls::AlertDescription;
use probe_io::hostile::Script;
use reactor::{Reactor, TcpListener, TcpStream};
use world::duplex::duplex;
use world::tls::{Authority, Failure, Validity, accept, acceptor, connect, connector};

use super::{LIMIT, Server, connected, run, shake};
use crate::rough::Rough;

#[test]
fn both_ends_learn_what_is_wrong_with_a_certificate() {
    run(async |handle| {
        let (trusted, untrusted) = (Authority::new("ours"), Authority::new("not ours"));
        let (name, valid) = ("localhost", Validity::Valid);
        let cases = [
            (
                trusted.issue("example.org", valid),
                "another server: example.org",
                AlertDescription::BadCertificate,
            ),
            (
                trusted.issue("127.0.0.1", valid),
                "another server",
                AlertDescription::BadCertificate,
            ),
            (
                trusted.issue(name, Validity::Expired),
                "has expired",
                AlertDescription::CertificateExpired,
            ),
            (
                trusted.issue(name, Validity::NotYet),
                "not valid yet",
                AlertDescription::CertificateExpired,
            ),
            (
                untrusted.issue(name, valid),
                "no authority",
                AlertDescription::UnknownCA,
            ),
        ];
        for (identity, words, alert) in cases {
            let (client, server) = shake(&handle, &trusted, &identity).await;
            let client = client.unwrap_err().to_string();
            assert!(client.contains(words), "{client}");
            let server = server.unwrap_err();
            assert!(
                matches!(&server, Failure::Refused(heard) if *heard == alert),
                "{words}: {server:?}"
            );
        }
    });
}

#[test]
fn an_address_and_a_name_of_many_are_names() {
    run(async |handle| {
        let authority = Authority::new("ours");
        for (name, wanted) in [
            ("127.0.0.1", "127.0.0.1"),
            ("*.example.org", "www.example.org"),
        ] {
            let identity = authority.issue(name, Validity::Valid);
            let (here, there) = duplex(4_096);
            let (connector, acceptor) = (connector(authority.roots()), acceptor(&identity, &[]));
            let client = connect(&connector, wanted, here);
            let (client, _server) = join(client, accept(&acceptor, there, &handle, LIMIT)).await;
            assert!(client.is_ok(), "{wanted}: {client:?}");
        }
    });
}

#[test]
fn what_is_no_name_is_refused_before_a_byte_is_sent() {
    run(async |_| {
        let (here, there) = duplex(4_096);
        let connector = connector(Authority::new("ours").roots());
        let failure = connect(&connector, "not a name", here).await.unwrap_err();
        assert!(matches!(failure, Failure::NoName), "{failure:?}");
        let mut sent = Vec::new();
        let mut there = there;
        there.read_to_end(&mut sent).await.unwrap();
        assert!(sent.is_empty());
    });
}

#[test]
fn a_peer_that_does_not_speak_tls_is_named_by_either_end() {
    run(async |handle| {
        let (here, mut there) = duplex(4_096);
        there
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        let connector = connector(Authority::new("ours").roots());
        let failure = connect(&connector, "localhost", here).await.unwrap_err();
        assert!(matches!(failure, Failure::NotTls), "{failure:?}");
        let (mut here, there) = duplex(4_096);
        here.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .await
            .unwrap();
        let identity = Authority::new("ours").issue("localhost", Validity::Valid);
        let failure = accept(&acceptor(&identity, &[]), there, &handle, LIMIT)
            .await
            .unwrap_err();
        assert!(matches!(failure, Failure::NotTls), "{failure:?}");
    });
}

#[test]
fn a_client_that_connects_and_is_silent_is_given_up() {
    run(async |handle| {
        let (_here, there) = duplex(4_096);
        let identity = Authority::new("ours").issue("localhost", Validity::Valid);
        let failure = accept(&acceptor(&identity, &[]), there, &handle, LIMIT)
            .await
            .unwrap_err();
        assert!(matches!(failure, Failure::TooSlow), "{failure:?}");
        assert_eq!(handle.now(), Time::START + LIMIT);
    });
}

#[test]
fn on_a_stream_that_writes_one_buffer_at_a_time_the_alert_does_not_leave() {
    run(async |handle| {
        let authority = Authority::new("ours");
        let identity = authority.issue("localhost", Validity::Expired);
        let (here, there) = duplex(4_096);
        let (connector, acceptor) = (connector(authority.roots()), acceptor(&identity, &[]));
        // Its `poll_write_vectored` is the trait's default.
        let here = Rough::new(here, &handle, &Script::default());
        let client = connect(&connector, "localhost", here);
        let (client, server) = join(client, accept(&acceptor, there, &handle, LIMIT)).await;
        assert!(matches!(client, Err(Failure::Expired)));
        assert!(matches!(server, Err(Failure::Cut)), "{server:?}");
    });
}

#[test]
fn over_tcp_the_server_learns_why_its_certificate_was_refused() {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    event_loop.block_on(async {
        let authority = Authority::new("ours");
        let identity = authority.issue("localhost", Validity::Expired);
        let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap()).unwrap();
        let here = TcpStream::connect(&reactor, listener.local_addr().unwrap());
        let (here, there) = join(here, listener.accept()).await;
        let (connector, acceptor) = (connector(authority.roots()), acceptor(&identity, &[]));
        let client = connect(&connector, "localhost", here.unwrap());
        let server = accept(&acceptor, there.unwrap().0, &handle, LIMIT);
        let (client, server) = join(client, server).await;
        assert!(matches!(client, Err(Failure::Expired)));
        let server = server.unwrap_err();
        let refused = matches!(
            server,
            Failure::Refused(AlertDescription::CertificateExpired)
        );
        assert!(refused, "{server:?}");
    });
}

/// One end sends a million bytes, and reads them back within a minute.
async fn comes_back(handle: &Handle, echo: impl AsyncFnOnce(Server)) -> bool {
    let (client, server) = connected(handle).await;
    let sent: Vec<u8> = (0..1_000_000_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    let (mut reads, mut writes) = client.split();
    let mut back = vec![0; sent.len()];
    let write = async {
        writes.write_all(&sent).await.unwrap();
        writes.flush().await.unwrap();
    };
    let talk = async {
        join(write, reads.read_exact(&mut back)).await.1.unwrap();
        back == sent
    };
    let minute = async {
        handle.sleep(6 * LIMIT).await;
        false
    };
    let limited = async {
        match select(pin!(talk), pin!(minute)).await {
            Either::Left((done, _)) | Either::Right((done, _)) => done,
        }
    };
    match select(pin!(limited), pin!(echo(server))).await {
        Either::Left((done, _)) => done,
        Either::Right(_) => panic!("the echo has ended"),
    }
}

#[test]
fn large_messages_go_both_ways_at_the_same_time() {
    run(async |handle| {
        let echo = async |mut server: Server| {
            let mut buffer = vec![0; 10_000];
            loop {
                let count = server.read(&mut buffer).await.unwrap();
                server.write_all(&buffer[..count]).await.unwrap();
                server.flush().await.unwrap();
            }
        };
        assert!(comes_back(&handle, echo).await);
    });
}

#[test]
fn a_copy_that_flushes_only_at_its_end_leaves_the_last_record_behind() {
    run(async |handle| {
        let echo = async |server: Server| {
            let (reads, mut writes) = server.split();
            futures::io::copy(reads, &mut writes).await.unwrap();
        };
        assert!(!comes_back(&handle, echo).await);
    });
}
