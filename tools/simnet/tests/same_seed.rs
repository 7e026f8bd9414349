//! The same seed gives the same trace, on every machine.

use std::time::Duration;

use futures::io::{AsyncReadExt, AsyncWriteExt};
use simnet::SimNet;

use crate::on_two;

fn conversation(seed: u64) -> SimNet {
    on_two(seed, |two| async move {
        two.server.change_kernel(|kernel| kernel.short_reads = 400);
        let listener = two.server.listen(7).unwrap();
        let mut client = two.client.connect(two.server.address(7)).await.unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        client.write_all(b"fourteen bytes").await.unwrap();
        client.close().await.unwrap();
        let mut heard = Vec::new();
        server.read_to_end(&mut heard).await.unwrap();
        two.net.partition(&two.client, &two.server);
        server.write_all(&heard).await.unwrap();
        two.handle.sleep(Duration::from_secs(1)).await;
        two.net.heal(&two.client, &two.server);
        drop(server);
        client.read_to_end(&mut heard).await.unwrap();
        drop(client);
        two.server.power_off();
    })
}

#[test]
fn the_trace_of_a_seed_is_the_one_that_was_kept() {
    let trace = conversation(1).trace();
    insta::assert_snapshot!("conversation", trace);
    assert_eq!(trace.count() as usize, trace.lines().len());
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    let traces: Vec<String> = (0..20)
        .map(|seed| conversation(seed).trace().to_string())
        .collect();
    for (seed, trace) in (0..).zip(&traces) {
        assert!(*trace == conversation(seed).trace().to_string());
    }
    let hashes: std::collections::BTreeSet<u64> = (0..20)
        .map(|seed| conversation(seed).trace().hash())
        .collect();
    assert_eq!(hashes.len(), 20);
}
