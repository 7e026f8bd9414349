//! What applications see of TCP.

use std::io::ErrorKind;
use std::time::Duration;

use futures::future::join;
use futures::io::{AsyncReadExt, AsyncWriteExt};

use crate::{Two, on_two};

const PORT: u16 = 7777;

async fn connected(two: &Two) -> (simnet::Stream, simnet::Stream) {
    let listener = two.server.listen(PORT).unwrap();
    let client = two.client.connect(two.server.address(PORT)).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    (client, server)
}

#[test]
fn bytes_arrive_once_in_order_and_the_end_after_them() {
    on_two(1, |two| async move {
        let (mut client, mut server) = connected(&two).await;
        let sent: Vec<u8> = (0..300_000_u32)
            .map(|number| (number % 251) as u8)
            .collect();
        let mut heard = Vec::new();
        let send = async {
            client.write_all(&sent).await.unwrap();
            client.close().await.unwrap();
        };
        join(send, async {
            server.read_to_end(&mut heard).await.unwrap()
        })
        .await;
        assert!(heard == sent);
        assert_eq!(
            client.write(b"more").await.unwrap_err().kind(),
            ErrorKind::BrokenPipe
        );
        // The other direction is open.
        server.write_all(b"thanks").await.unwrap();
        drop(server);
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "thanks");
    });
}

#[test]
fn a_segment_needs_one_latency_and_an_answer_two() {
    on_two(2, |two| async move {
        let latency = Duration::from_millis(20);
        for (from, to) in [(&two.client, &two.server), (&two.server, &two.client)] {
            two.net
                .change_link(from, to, |link| link.latency = latency..=latency);
        }
        let (mut client, mut server) = connected(&two).await;
        assert_eq!(two.handle.now().since_start(), 2 * latency);
        client.write_all(b"?").await.unwrap();
        let mut byte = [0];
        server.read_exact(&mut byte).await.unwrap();
        assert_eq!(two.handle.now().since_start(), 3 * latency);
    });
}

#[test]
fn a_writer_waits_when_its_peer_does_not_read() {
    on_two(3, |two| async move {
        let (mut client, server) = connected(&two).await;
        let mut written = 0;
        let flood = async {
            loop {
                written += client.write(&[7; 1_000]).await.unwrap();
            }
        };
        let patience = two.handle.sleep(Duration::from_secs(60));
        futures::future::select(Box::pin(flood), patience).await;
        // One send buffer and one receive buffer.
        assert!((64 * 1024..=128 * 1024).contains(&written), "{written}");
        assert!(server.unread() <= 64 * 1024);
    });
}

#[test]
fn a_stream_that_is_dropped_with_unread_bytes_resets_the_peer() {
    on_two(4, |two| async move {
        let (mut client, server) = connected(&two).await;
        client.write_all(b"unread").await.unwrap();
        two.handle.sleep(Duration::from_secs(1)).await;
        drop(server);
        let error = client.read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
        assert_eq!(
            client.write(b"x").await.unwrap_err().kind(),
            ErrorKind::BrokenPipe
        );
    });
}

#[test]
fn bytes_that_arrive_after_the_close_are_answered_with_a_reset() {
    on_two(5, |two| async move {
        let (mut client, server) = connected(&two).await;
        drop(server);
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
        client.write_all(b"too late").await.unwrap();
        two.handle.sleep(Duration::from_secs(1)).await;
        assert_eq!(
            client.write(b"x").await.unwrap_err().kind(),
            ErrorKind::ConnectionReset
        );
    });
}

#[test]
fn a_stream_that_is_dropped_still_delivers_what_was_written() {
    on_two(6, |two| async move {
        let (mut client, mut server) = connected(&two).await;
        client.write_all(&[1; 60_000]).await.unwrap();
        drop(client);
        let mut heard = Vec::new();
        server.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard.len(), 60_000);
        assert_eq!((two.client.descriptors(), two.server.descriptors()), (0, 1));
    });
}

#[test]
fn a_port_without_a_listener_refuses() {
    on_two(7, |two| async move {
        let refused = two.client.connect(two.server.address(1)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        let nowhere = "192.168.0.1:80".parse().unwrap();
        let error = two.client.connect(nowhere).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
        assert_eq!(two.client.descriptors(), 0);
    });
}

#[test]
fn a_listener_that_is_dropped_resets_the_clients_that_wait() {
    on_two(8, |two| async move {
        let listener = two.server.listen(PORT).unwrap();
        let again = two.server.listen(PORT).unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AddrInUse);
        let mut client = two.client.connect(two.server.address(PORT)).await.unwrap();
        drop(listener);
        let error = client.read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert_eq!(two.server.descriptors(), 0);
    });
}

#[test]
fn a_client_that_gives_up_while_it_connects_leaves_no_descriptor() {
    on_two(9, |two| async move {
        let _listener = two.server.listen(PORT).unwrap();
        let connect = two.client.connect(two.server.address(PORT));
        let patience = two.handle.sleep(Duration::from_micros(700));
        drop(futures::future::select(Box::pin(connect), patience).await);
        two.handle.sleep(Duration::from_secs(300)).await;
        assert_eq!((two.client.descriptors(), two.server.descriptors()), (0, 1));
    });
}

/// A segment that found no room used to delay those that were written after it, by five seconds.
#[test]
fn a_reader_that_makes_room_waits_for_no_probe() {
    on_two(10, |two| async move {
        two.server
            .change_kernel(|kernel| kernel.receive_buffer = 500);
        let (mut client, mut server) = connected(&two).await;
        client.write_all(&[1; 1_000]).await.unwrap();
        two.handle.sleep(Duration::from_millis(100)).await;
        client.write_all(&[2; 500]).await.unwrap();
        two.handle.sleep(Duration::from_millis(100)).await;
        server.read_exact(&mut [0; 1_500]).await.unwrap();
        assert!(two.handle.now().since_start() < Duration::from_secs(1));
    });
}
