//! Connections in the pool of chapter 08.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use futures::future::{FutureExt, join_all};
use synchronization::Pool;
use world::postgres::{Client, Clients, Error, acquire_checked};

use super::{World, texts, with_server};

const LONG: Duration = Duration::from_secs(60);

/// Makes connections, and counts them.
fn connector(
    world: &World,
    made: &Rc<Cell<u32>>,
) -> Clients<impl AsyncFn() -> Result<Client, Error>> {
    let (world, made) = (world.clone(), Rc::clone(made));
    Clients::new(async move || {
        made.set(made.get() + 1);
        let (client, connection) = world.connect_as(&World::config()).await?;
        drop(connection); // The task goes on without its handle.
        Ok(client)
    })
}

#[test]
fn two_connections_serve_forty_tasks() {
    with_server(async |world| {
        let made = Rc::default();
        let pool = Pool::new(2, connector(&world, &made));
        let calls = (0..40).map(async |number: u32| {
            let client = acquire_checked(&pool, &world.handle, LONG).await.unwrap();
            let outcomes = client.simple(&format!("SELECT {number}")).await.unwrap();
            assert_eq!(outcomes[0].rows[0].parse(0), Ok(number));
        });
        join_all(calls).await;
        assert_eq!((made.get(), pool.idle(), pool.borrowed()), (2, 2, 0));
    });
}

#[test]
fn a_connection_that_still_works_for_a_caller_that_is_gone_is_not_lent_again() {
    with_server(async |world| {
        let made = Rc::default();
        let pool = Pool::new(1, connector(&world, &made));
        let client = pool.acquire().await.unwrap();
        let mut slow = Box::pin(client.simple("BEGIN; SELECT 'of another caller'"));
        assert!(slow.as_mut().now_or_never().is_none());
        event_loop::yield_now().await;
        drop(slow);
        drop(client);
        let client = pool.acquire().await.unwrap();
        assert_eq!(
            texts(&client.simple("SELECT 1").await.unwrap()[0].rows),
            ["1"]
        );
        assert_eq!(made.get(), 2);
    });
}

#[test]
fn a_connection_in_a_transaction_is_not_lent_again() {
    with_server(async |world| {
        let made = Rc::default();
        let pool = Pool::new(1, connector(&world, &made));
        for text in ["BEGIN", "BEGIN; SELECT 1 / 0", "SELECT 1"] {
            let client = pool.acquire().await.unwrap();
            let _outcome = client.simple(text).await;
        }
        assert_eq!((made.get(), pool.idle()), (3, 1));
    });
}

#[test]
fn an_idle_connection_that_the_server_has_ended_is_replaced() {
    with_server(async |world| {
        let (made, other) = (Rc::default(), world.client().await);
        let pool = Pool::new(1, connector(&world, &made));
        let client = acquire_checked(&pool, &world.handle, LONG).await.unwrap();
        let process = client.simple("SELECT pg_backend_pid()").await.unwrap();
        drop(client);
        let kill = format!(
            "SELECT pg_terminate_backend({})",
            texts(&process[0].rows)[0]
        );
        other.simple(&kill).await.unwrap();
        let client = acquire_checked(&pool, &world.handle, LONG).await.unwrap();
        assert_eq!(client.ping().await, Ok(()));
        assert_eq!(made.get(), 2);
    });
}
