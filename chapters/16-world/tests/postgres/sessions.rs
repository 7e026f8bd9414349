//! From the first byte of a session to its last.

use futures::future::join3;
use world::postgres::{Config, Error, connect, request_tls};

use super::server::USER;
use super::{World, code, texts, with_server};

#[test]
fn the_client_proves_the_password_with_scram() {
    with_server(async |world| {
        let (client, connection) = world.connect().await;
        let outcomes = client.simple("SELECT current_user").await.unwrap();
        assert_eq!(texts(&outcomes[0].rows), [USER]);
        assert!(client.parameter("server_version").is_some());
        drop(client);
        assert_eq!(connection.await.unwrap(), Ok(()));
    });
}

#[test]
fn the_server_refuses_a_wrong_password() {
    with_server(async |world| {
        let wrong = World::config().password("wrong");
        assert_eq!(code(world.connect_as(&wrong).await), "28P01");
    });
}

#[test]
fn the_client_sends_no_proof_without_a_password() {
    with_server(async |world| {
        let without = Config::new(USER).database("postgres");
        let refused = world.connect_as(&without).await.unwrap_err();
        assert!(
            refused.to_string().contains("asks for a password"),
            "{refused}"
        );
    });
}

#[test]
fn the_server_names_a_database_that_is_missing() {
    with_server(async |world| {
        let missing = World::config().database("nowhere");
        assert_eq!(code(world.connect_as(&missing).await), "3D000");
    });
}

#[test]
fn a_server_without_a_certificate_declines_tls() {
    with_server(async |world| {
        let declined = request_tls(&mut world.stream().await).await;
        assert!(declined.unwrap_err().to_string().contains("TLS"));
    });
}

#[test]
fn the_last_client_closes_the_session_after_the_last_answer() {
    with_server(async |world| {
        let (client, connection) = world.connect().await;
        let call = async move { client.simple("SELECT 1").await };
        assert_eq!(texts(&call.await.unwrap()[0].rows), ["1"]);
        assert_eq!(connection.await.unwrap(), Ok(()));
    });
}

#[test]
fn a_session_that_the_server_ends_fails_every_request_with_the_reason() {
    with_server(async |world| {
        let ((client, connection), other) = (world.connect().await, world.client().await);
        let process = client.simple("SELECT pg_backend_pid()").await.unwrap();
        let process = process[0].rows[0].get(0).unwrap().to_owned();
        let (slow, queued, _) = join3(
            client.simple("SELECT pg_sleep(60)"),
            client.simple("SELECT 1"),
            other.simple(&format!("SELECT pg_terminate_backend({process})")),
        )
        .await;
        for failed in [slow, queued, client.simple("SELECT 2").await] {
            let error = failed.unwrap_err();
            assert!(matches!(error, Error::Lost { .. }), "{error:?}");
            assert!(error.to_string().contains("57P01"), "{error}");
        }
        assert!(client.is_closed());
        assert!(connection.await.unwrap().is_err());
    });
}

#[test]
fn a_connection_whose_task_is_dropped_fails_its_requests() {
    with_server(async |world| {
        let (client, connection) = connect(world.stream().await, &World::config())
            .await
            .unwrap();
        let call = client.simple("SELECT 1");
        drop(connection);
        assert!(matches!(call.await, Err(Error::Lost { .. })));
    });
}
