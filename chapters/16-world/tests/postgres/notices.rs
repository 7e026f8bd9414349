//! `LISTEN`, `NOTIFY`, and requests to give up.

use futures::StreamExt;
use futures::future::join3;
use world::postgres::cancel;

use super::{code, texts, with_server};

#[test]
fn notifications_of_a_channel_come_as_a_stream() {
    with_server(async |world| {
        let (client, other) = (world.client().await, world.client().await);
        let mut heard = client.listen("Prices \"now\"").await.unwrap();
        let mut orders = client.listen("orders").await.unwrap();
        for text in [
            "NOTIFY \"Prices \"\"now\"\"\", 'one'",
            "NOTIFY orders, 'two'",
            "NOTIFY \"Prices \"\"now\"\"\", 'three'",
        ] {
            other.simple(text).await.unwrap();
        }
        for payload in ["one", "three"] {
            assert_eq!(heard.next().await.unwrap().unwrap().payload, payload);
        }
        assert_eq!(orders.next().await.unwrap().unwrap().payload, "two");
    });
}

#[test]
fn a_client_hears_its_own_notification_with_the_answer() {
    with_server(async |world| {
        let client = world.client().await;
        let mut heard = client.listen("own").await.unwrap();
        let text = "NOTIFY own; SELECT pg_backend_pid()";
        let outcomes = client.simple(text).await.unwrap();
        let notification = heard.next().await.unwrap().unwrap();
        assert_eq!(
            Some(&*notification.process.to_string()),
            outcomes[1].rows[0].get(0)
        );
    });
}

#[test]
fn a_stream_of_notifications_ends_with_the_connection() {
    with_server(async |world| {
        let (client, other) = (world.client().await, world.client().await);
        let process = client.simple("SELECT pg_backend_pid()").await.unwrap();
        let mut heard = client.listen("until the end").await.unwrap();
        let kill = format!(
            "SELECT pg_terminate_backend({})",
            texts(&process[0].rows)[0]
        );
        other.simple(&kill).await.unwrap();
        assert_eq!(heard.next().await, None);
        assert_eq!(heard.next().await, None);
    });
}

#[test]
fn a_cancel_request_gives_up_what_the_server_executes_and_nothing_else() {
    with_server(async |world| {
        let client = world.client().await;
        let cancel_it = async {
            // The server has begun the request when another session sees it.
            let other = world.client().await;
            let text = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(61)'";
            while texts(&other.simple(text).await.unwrap()[0].rows) != ["1"] {}
            cancel(world.stream().await, client.cancel_token())
                .await
                .unwrap();
        };
        let (slow, next, ()) = join3(
            client.simple("SELECT pg_sleep(61)"),
            client.simple("SELECT 2"),
            cancel_it,
        )
        .await;
        assert_eq!(code(slow), "57014");
        assert_eq!(texts(&next.unwrap()[0].rows), ["2"]);
    });
}
