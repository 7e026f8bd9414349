//! Simple queries, prepared statements and pipelining.

use futures::future::{FutureExt, join_all, join3};
use futures::{StreamExt, TryStreamExt};
use world::postgres::Error;

use super::{code, texts, with_server};

#[test]
fn a_text_of_three_statements_has_three_outcomes() {
    with_server(async |world| {
        let client = world.client().await;
        let text =
            "CREATE TEMP TABLE t (n int); INSERT INTO t VALUES (1), (2); SELECT n, n + 1 FROM t";
        let outcomes = client.simple(text).await.unwrap();
        let tags: Vec<&str> = outcomes.iter().map(|outcome| &*outcome.tag).collect();
        assert_eq!(tags, ["CREATE TABLE", "INSERT 0 2", "SELECT 2"]);
        assert_eq!(texts(&outcomes[2].rows), ["1", "2"]);
        assert_eq!(outcomes[2].rows[1].parse::<u32>(1), Ok(3));
    });
}

#[test]
fn a_text_without_statements_has_no_outcome() {
    with_server(async |world| {
        assert_eq!(world.client().await.simple("").await.unwrap().len(), 0);
    });
}

#[test]
fn an_error_of_the_server_fails_its_own_request_alone() {
    with_server(async |world| {
        let client = world.client().await;
        let (before, wrong, after) = join3(
            client.simple("SELECT 1"),
            client.simple("SELEKT 2"),
            client.simple("SELECT 3"),
        )
        .await;
        assert_eq!(texts(&before.unwrap()[0].rows), ["1"]);
        assert_eq!(code(wrong), "42601");
        assert_eq!(texts(&after.unwrap()[0].rows), ["3"]);
    });
}

#[test]
fn a_prepared_statement_takes_values_and_nulls() {
    with_server(async |world| {
        let client = world.client().await;
        let statement = client
            .prepare("SELECT $1::text AS a, $2::int + 1 AS b")
            .await;
        let statement = statement.unwrap();
        assert_eq!(
            (statement.columns(), statement.parameters()),
            (&["a".to_owned(), "b".to_owned()][..], 2)
        );
        let rows = client
            .query(&statement, &[Some("ä'\"\\"), Some("41")])
            .await
            .unwrap();
        assert_eq!(
            (rows[0].get(0), rows[0].get(1)),
            (Some("ä'\"\\"), Some("42"))
        );
        let rows = client.query(&statement, &[None, None]).await.unwrap();
        assert_eq!((rows[0].get(0), rows[0].get(1)), (None, None));
        assert!(matches!(rows[0].parse::<i32>(1), Err(Error::Misused(_))));
        let too_few = client.query(&statement, &[None]).await;
        assert!(matches!(too_few, Err(Error::Misused(_))));
    });
}

#[test]
fn execute_returns_the_number_of_changed_rows() {
    with_server(async |world| {
        let client = world.client().await;
        client.simple("CREATE TEMP TABLE t (n int)").await.unwrap();
        let insert = client
            .prepare("INSERT INTO t SELECT generate_series(1, $1::int)")
            .await
            .unwrap();
        assert_eq!(client.execute(&insert, &[Some("12")]).await, Ok(12));
        let delete = client.prepare("DELETE FROM t WHERE n > $1").await.unwrap();
        assert_eq!(client.execute(&delete, &[Some("5")]).await, Ok(7));
    });
}

#[test]
fn a_dropped_statement_is_closed_on_the_server() {
    with_server(async |world| {
        let client = world.client().await;
        let count = async || {
            let outcomes = client
                .simple("SELECT count(*) FROM pg_prepared_statements")
                .await;
            outcomes.unwrap()[0].rows[0].parse::<u32>(0).unwrap()
        };
        let statement = client.prepare("SELECT 1").await.unwrap();
        let clone = statement.clone();
        drop(statement);
        assert_eq!(count().await, 1);
        drop(clone);
        assert_eq!(count().await, 0);
    });
}

#[test]
fn a_statement_of_another_connection_is_refused() {
    with_server(async |world| {
        let (one, other) = (world.client().await, world.client().await);
        let statement = one.prepare("SELECT 1").await.unwrap();
        assert!(matches!(
            other.query(&statement, &[]).await,
            Err(Error::Misused(_))
        ));
    });
}

#[test]
fn a_text_with_a_nul_is_refused_and_the_connection_goes_on() {
    with_server(async |world| {
        let client = world.client().await;
        assert!(matches!(
            client.simple("SELECT '\0'").await,
            Err(Error::Misused(_))
        ));
        assert_eq!(client.ping().await, Ok(()));
    });
}

#[test]
fn a_thousand_requests_are_sent_without_waiting_for_answers() {
    with_server(async |world| {
        let client = world.client().await;
        let statement = client.prepare("SELECT $1::int").await.unwrap();
        let calls = (0..1_000).map(|number: u32| {
            let (client, statement) = (&client, &statement);
            async move {
                let rows = client.query(statement, &[Some(&number.to_string())]).await;
                assert_eq!(rows.unwrap()[0].parse(0), Ok(number));
            }
        });
        let mut calls = Box::pin(join_all(calls));
        assert_eq!(calls.as_mut().now_or_never(), None);
        assert_eq!(client.in_flight(), 1_000);
        calls.await;
        assert_eq!(client.in_flight(), 0);
    });
}

#[test]
fn requests_of_callers_that_are_gone_change_no_answer() {
    with_server(async |world| {
        let client = world.client().await;
        let statement = client
            .prepare("SELECT $1::int, repeat('x', $1::int)")
            .await
            .unwrap();
        for sent in [false, true] {
            let mut calls: Vec<_> = (0..40)
                .map(|number: u32| {
                    let (client, statement) = (client.clone(), statement.clone());
                    Box::pin(async move {
                        let rows = client.query(&statement, &[Some(&number.to_string())]).await;
                        (number, rows.unwrap()[0].parse::<u32>(0).unwrap())
                    })
                })
                .collect();
            for call in &mut calls {
                assert_eq!(call.as_mut().now_or_never(), None);
            }
            if sent {
                event_loop::yield_now().await; // The task of the connection sends them here.
            }
            let mut number = 0;
            calls.retain(|_call| {
                number += 1;
                number % 3 == 0
            });
            for (asked, answered) in join_all(calls).await {
                assert_eq!(asked, answered);
            }
        }
    });
}

#[test]
fn a_request_that_is_dropped_before_it_is_sent_is_never_executed() {
    with_server(async |world| {
        let client = world.client().await;
        client.simple("CREATE TEMP TABLE t (n int)").await.unwrap();
        let mut insert = Box::pin(client.simple("INSERT INTO t VALUES (1)"));
        assert!(insert.as_mut().now_or_never().is_none());
        drop(insert);
        let rows = client.simple("SELECT count(*) FROM t").await.unwrap();
        assert_eq!(texts(&rows[0].rows), ["0"]);
    });
}

#[test]
fn rows_come_as_a_stream_that_holds_few_of_them() {
    with_server(async |world| {
        let client = world.client().await;
        let statement = client
            .prepare("SELECT generate_series(1, $1::int)")
            .await
            .unwrap();
        let rows = client.rows(&statement, &[Some("100000")]).unwrap();
        let sum = rows.try_fold(0_u64, async |sum, row| Ok(sum + row.parse::<u64>(0)?));
        assert_eq!(sum.await, Ok(5_000_050_000));
        // A caller that takes three rows and goes: the connection drops the others.
        let rows = client.rows(&statement, &[Some("100000")]).unwrap();
        let first: Vec<u32> = rows
            .take(3)
            .map(|row| row.unwrap().parse::<u32>(0).unwrap())
            .collect()
            .await;
        assert_eq!(first, [1, 2, 3]);
        assert_eq!(client.ping().await, Ok(()));
    });
}

#[test]
fn an_error_in_the_middle_of_rows_is_their_last_item() {
    with_server(async |world| {
        let client = world.client().await;
        let statement = client
            .prepare("SELECT 1 / (3 - n) FROM generate_series(1, 5) AS n")
            .await;
        let rows = client.rows(&statement.unwrap(), &[]).unwrap();
        let items: Vec<_> = rows.collect().await;
        assert_eq!(items.len(), 3);
        assert_eq!(code(items.into_iter().next_back().unwrap()), "22012");
    });
}
