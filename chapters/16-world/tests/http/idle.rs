//! Ten thousand connections that do nothing.

use futures::io::AsyncReadExt;
use futures::stream::{FuturesUnordered, StreamExt};

use super::started::{body, with_idle_room};

const IDLE: usize = 10_000;

#[test]
fn ten_thousand_idle_connections_delay_no_request_and_end_with_the_server() {
    // Both ends of each connection are descriptors of this process.
    let limit = rlimit::increase_nofile_limit(rlimit::INFINITY).unwrap_or(0);
    let idle = IDLE.min((limit as usize / 2).saturating_sub(100));
    if idle < IDLE {
        eprintln!("this process may open {limit} files: {idle} connections in place of {IDLE}");
    }
    let numbers = with_idle_room(idle + 1, |site| async move {
        let mut connections = Vec::new();
        for _ in 0..idle {
            connections.push(site.connect().await);
        }
        let mut client = site.client().await;
        let response = client.send_request(site.get("/")).await.unwrap();
        assert_eq!(body(response).await, "Welcome home!\n");
        site.finish();
        let mut ends: FuturesUnordered<_> = connections
            .into_iter()
            .map(|mut connection| async move { connection.read(&mut [0; 1]).await })
            .collect();
        while let Some(end) = ends.next().await {
            assert_eq!(end.unwrap(), 0);
        }
        site.ended.await.unwrap()
    });
    assert_eq!(numbers.finished, idle as u64 + 1);
}
