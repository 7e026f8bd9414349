//! Partitions, and hosts that lose power: no peer is told.

use std::io::ErrorKind;
use std::time::Duration;

use futures::io::{AsyncReadExt, AsyncWriteExt};
use simnet::Stream;

use crate::{Two, on_two};

/// A connection whose server runs on its host.
async fn to_a_program(two: &Two) -> Stream {
    let listener = two.server.listen(7777).unwrap();
    let program = async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 100];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            stream.write_all(&buffer[..count]).await.unwrap();
        }
    };
    two.server.spawn(&two.handle, program);
    two.client.connect(two.server.address(7777)).await.unwrap()
}

const DAY: Duration = Duration::from_secs(24 * 3600);

#[test]
fn a_peer_that_waits_does_not_learn_of_a_power_cut() {
    on_two(1, |two| async move {
        let mut client = to_a_program(&two).await;
        two.server.power_off();
        let mut byte = [0];
        let read = client.read(&mut byte);
        let waited = futures::future::select(read, two.handle.sleep(DAY)).await;
        assert!(matches!(waited, futures::future::Either::Right(_)));
    });
}

#[test]
fn a_peer_that_sends_learns_of_a_power_cut_after_fifteen_minutes() {
    on_two(2, |two| async move {
        let mut client = to_a_program(&two).await;
        two.server.power_off();
        let before = two.handle.now();
        client.write_all(b"?").await.unwrap();
        let error = client.read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        let waited = two.handle.now().saturating_since(before);
        assert_eq!(waited.as_millis() / 100, 9_246);
    });
}

#[test]
fn a_host_that_is_on_again_resets_the_connections_of_before() {
    on_two(3, |two| async move {
        let mut client = to_a_program(&two).await;
        two.server.power_off();
        client.write_all(b"?").await.unwrap();
        two.handle.sleep(Duration::from_secs(5)).await;
        two.server.power_on();
        let error = client.read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert_eq!(two.server.descriptors(), 0);
    });
}

#[test]
fn a_program_that_is_killed_ends_its_connections() {
    on_two(4, |two| async move {
        let mut client = to_a_program(&two).await;
        two.server.kill();
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
        assert_eq!(two.server.descriptors(), 0);
    });
}

#[test]
fn what_was_sent_during_a_partition_arrives_after_it() {
    on_two(5, |two| async move {
        let mut client = to_a_program(&two).await;
        two.net.partition(&two.client, &two.server);
        client.write_all(b"early").await.unwrap();
        two.handle.sleep(Duration::from_secs(10)).await;
        assert_eq!(client.in_flight(), 5);
        two.net.heal(&two.client, &two.server);
        let mut answer = [0; 5];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"early");
        assert!(two.handle.now().since_start() < Duration::from_secs(20));
    });
}

#[test]
fn a_partition_of_one_direction_loses_the_answers_alone() {
    on_two(6, |two| async move {
        let mut client = to_a_program(&two).await;
        two.net
            .change_link(&two.server, &two.client, |link| link.is_cut = true);
        client.write_all(b"?").await.unwrap();
        let mut byte = [0];
        let waited = futures::future::select(
            client.read(&mut byte),
            two.handle.sleep(Duration::from_secs(60)),
        );
        assert!(matches!(waited.await, futures::future::Either::Right(_)));
        assert!(
            two.net
                .trace()
                .lines()
                .iter()
                .any(|line| line.contains("server:7777 → client:32768  wrote 1"))
        );
    });
}

#[test]
fn connecting_to_a_host_without_power_fails_after_two_minutes() {
    on_two(7, |two| async move {
        two.server.power_off();
        let error = two
            .client
            .connect(two.server.address(7777))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(two.handle.now().since_start().as_secs(), 127);
        assert!(two.server.listen(7777).is_err());
    });
}
