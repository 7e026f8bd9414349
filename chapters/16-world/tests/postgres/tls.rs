//! A session on an encrypted stream.

use std::sync::Arc;

use futures::TryStreamExt;
use futures::future::join_all;
use futures_rustls::rustls::RootCertStore;
use world::postgres::{Error, connect, request_tls};
use world::tls::{self, Authority, Failure};

use super::server::Server;
use super::{World, on_a_loop, texts, with_server};

/// Runs a test with a server that has a certificate for `localhost`, and with the store of a client that trusts it.
fn with_encryption(test: impl AsyncFnOnce(World, RootCertStore)) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let files = [
        ("server.crt", made.cert.pem()),
        ("server.key", made.signing_key.serialize_pem()),
    ];
    if let Some(server) = Server::start_with(&files, &["ssl=on"]) {
        on_a_loop(Arc::new(server), async |world| test(world, roots).await);
    }
}

#[test]
fn requests_and_copies_go_through_an_encrypted_session() {
    with_encryption(async |world, roots| {
        let mut stream = world.stream().await;
        request_tls(&mut stream).await.unwrap();
        let stream = tls::connect(&tls::connector(roots), "localhost", stream).await;
        let (client, connection) = connect(stream.unwrap(), &World::config()).await.unwrap();
        let connection = world.handle.spawn(connection);
        let text = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let outcomes = client.simple(text).await.unwrap();
        assert_eq!(texts(&outcomes[0].rows), ["t"]);
        let statement = client.prepare("SELECT $1::int").await.unwrap();
        let calls = (0..200).map(async |number: u32| {
            let text = number.to_string();
            let rows = client.query(&statement, &[Some(&text)]).await.unwrap();
            assert_eq!(rows[0].parse(0), Ok(number));
        });
        join_all(calls).await;
        let text = "COPY (SELECT generate_series(1, 100000)) TO STDOUT";
        let out = client.copy_out(text).await.unwrap();
        let lines = out.try_fold(0, async |lines, _piece| Ok(lines + 1)).await;
        assert_eq!(lines, Ok(100_000));
        drop((statement, client));
        assert_eq!(connection.await.unwrap(), Ok(()));
    });
}

#[test]
fn a_client_that_does_not_trust_the_certificate_sends_no_password() {
    with_encryption(async |world, _roots| {
        let mut stream = world.stream().await;
        request_tls(&mut stream).await.unwrap();
        let other = tls::connector(Authority::new("another one").roots());
        let refused = tls::connect(&other, "localhost", stream).await;
        assert!(
            matches!(refused, Err(Failure::UnknownIssuer)),
            "{refused:?}"
        );
    });
}

#[test]
fn a_proof_that_is_bound_to_the_certificate_holds_for_this_certificate_only() {
    with_encryption(async |world, roots| {
        for is_ours in [true, false] {
            let mut stream = world.stream().await;
            request_tls(&mut stream).await.unwrap();
            let connector = tls::connector(roots.clone());
            let stream = tls::connect(&connector, "localhost", stream).await.unwrap();
            let mut hash = tls::certificate_hash(&stream).unwrap();
            // As if the client had shaken hands with another server.
            hash[0] ^= u8::from(!is_ours);
            let config = World::config().certificate_hash(&hash);
            let started = connect(stream, &config).await;
            match (is_ours, started) {
                (true, Ok((client, connection))) => {
                    drop(client);
                    assert_eq!(connection.await, Ok(()));
                }
                (false, Err(Error::Server(error))) => {
                    assert!(error.message.contains("channel binding"), "{error:?}");
                }
                (_, started) => panic!("{is_ours}: {:?}", started.map(|_| ())),
            }
        }
    });
}

#[test]
fn without_encryption_a_server_offers_no_proof_that_is_bound() {
    with_server(async |world| {
        let config = World::config().certificate_hash(&[7; 32]);
        let refused = connect(world.stream().await, &config).await;
        let Err(Error::Lost { .. }) = refused.map(|_| ()) else {
            panic!("it has to be refused")
        };
    });
}
