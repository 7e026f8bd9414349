//! `COPY` in both directions.

use futures::future::FutureExt;
use futures::{StreamExt, TryStreamExt};
use world::postgres::{Client, Error};

use super::{code, texts, with_server};

const IN: &str = "COPY t FROM STDIN";

async fn count(client: &Client) -> String {
    let outcomes = client.simple("SELECT count(*) FROM t").await.unwrap();
    texts(&outcomes[0].rows)[0].to_owned()
}

async fn with_table(client: &Client) {
    client.simple("CREATE TEMP TABLE t (n int)").await.unwrap();
}

#[test]
fn a_hundred_thousand_rows_go_in_and_come_out() {
    with_server(async |world| {
        let client = world.client().await;
        with_table(&client).await;
        let mut copy = client.copy_in(IN).await.unwrap();
        let lines: String = (0..100_000).map(|number| format!("{number}\n")).collect();
        for piece in lines.as_bytes().chunks(7_001) {
            copy.send(piece).await.unwrap();
        }
        assert_eq!(copy.finish().await, Ok(100_000));
        let out = client.copy_out("COPY t TO STDOUT").await.unwrap();
        let bytes = out.try_fold(Vec::new(), async |mut all, piece| {
            all.extend_from_slice(&piece);
            Ok(all)
        });
        assert_eq!(bytes.await.unwrap(), lines.into_bytes());
    });
}

#[test]
fn requests_of_others_wait_for_the_end_of_the_data() {
    with_server(async |world| {
        let client = world.client().await;
        with_table(&client).await;
        let mut copy = client.copy_in(IN).await.unwrap();
        let mut other = Box::pin(count(&client));
        assert_eq!(other.as_mut().now_or_never(), None);
        copy.send(b"1\n2\n").await.unwrap();
        assert_eq!(copy.finish().await, Ok(2));
        assert_eq!(other.await, "2");
    });
}

#[test]
fn a_copy_that_is_dropped_leaves_no_row_and_a_working_connection() {
    with_server(async |world| {
        let client = world.client().await;
        with_table(&client).await;
        let mut copy = client.copy_in(IN).await.unwrap();
        copy.send(b"1\n2\n").await.unwrap();
        drop(copy);
        assert_eq!(count(&client).await, "0");
        // Dropped before the server has answered.
        let mut begin = Box::pin(client.copy_in(IN));
        assert!(begin.as_mut().now_or_never().is_none());
        event_loop::yield_now().await;
        drop(begin);
        assert_eq!(count(&client).await, "0");
    });
}

#[test]
fn a_row_that_the_server_refuses_ends_the_copy_with_its_error() {
    with_server(async |world| {
        let client = world.client().await;
        with_table(&client).await;
        let mut copy = client.copy_in(IN).await.unwrap();
        copy.send(b"1\nno number\n").await.unwrap();
        assert_eq!(code(copy.finish().await), "22P02");
        let mut copy = client.copy_in(IN).await.unwrap();
        let line = [&[b'x'; 10_000][..], b"\n"].concat();
        let error = loop {
            if let Err(error) = copy.send(&line).await {
                break error;
            }
        };
        assert_eq!(code::<()>(Err(error)), "22P02");
        // Other requests go on, also while the caller still has the `CopyIn`.
        assert_eq!(count(&client).await, "0");
        assert!(copy.send(b"1\n").await.is_err());
    });
}

#[test]
fn a_statement_that_is_no_copy_is_refused() {
    with_server(async |world| {
        let client = world.client().await;
        assert!(matches!(
            client.copy_in("SELECT 1").await,
            Err(Error::Misused(_))
        ));
        assert!(matches!(
            client.copy_out("SELECT 1").await,
            Err(Error::Misused(_))
        ));
        assert_eq!(
            code(client.copy_in("COPY nowhere FROM STDIN").await),
            "42P01"
        );
        assert_eq!(client.ping().await, Ok(()));
    });
}

#[test]
fn a_copy_in_a_simple_text_ends_the_connection_with_an_error() {
    with_server(async |world| {
        let client = world.client().await;
        with_table(&client).await;
        let refused = client.simple(IN).await.unwrap_err();
        assert!(refused.to_string().contains("copy_in"), "{refused}");
        assert!(client.is_closed());
    });
}

#[test]
fn a_copy_out_that_is_dropped_after_one_piece_leaves_a_working_connection() {
    with_server(async |world| {
        let client = world.client().await;
        let text = "COPY (SELECT generate_series(1, 100000)) TO STDOUT";
        let mut out = client.copy_out(text).await.unwrap();
        assert_eq!(out.next().await.unwrap().unwrap(), "1\n");
        drop(out);
        assert_eq!(client.ping().await, Ok(()));
    });
}
