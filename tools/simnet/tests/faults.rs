//! Kernels that answer badly, clocks that do not agree, and programs that cannot go on.

use std::time::Duration;

use event_loop::{EventLoop, Timer, yield_now};
use futures::future::{join, join_all};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use simnet::{Drift, Kernel, SimNet};

use crate::on_two;

#[test]
fn short_interrupted_and_spurious_steps_change_no_byte() {
    for seed in 0..20 {
        on_two(seed, |two| async move {
            let bad = |kernel: &mut Kernel| {
                *kernel = Kernel {
                    send_buffer: 3_000,
                    receive_buffer: 2_000,
                    short_reads: 500,
                    short_writes: 500,
                    interrupted: 200,
                    spurious: 300,
                    ..Kernel::default()
                };
            };
            two.server.change_kernel(bad);
            two.client.change_kernel(bad);
            for (from, to) in [(&two.client, &two.server), (&two.server, &two.client)] {
                two.net.change_link(from, to, |link| link.loss = 100);
            }
            let listener = two.server.listen(1).unwrap();
            let mut client = two.client.connect(two.server.address(1)).await.unwrap();
            let (mut server, _) = listener.accept().await.unwrap();
            let sent: Vec<u8> = (0..20_000_u32).map(|number| (number % 253) as u8).collect();
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
        });
    }
}

#[test]
fn a_client_waits_in_the_queue_while_no_descriptor_is_left() {
    on_two(1, |two| async move {
        two.server.change_kernel(|kernel| kernel.descriptors = 2);
        let listener = two.server.listen(1).unwrap();
        let clients = (0..2).map(|_| two.client.connect(two.server.address(1)));
        let clients = join_all(clients).await;
        assert!(clients.iter().all(Result::is_ok));
        let (first, _) = listener.accept().await.unwrap();
        let error = listener.accept().await.unwrap_err();
        assert_eq!(
            error.raw_os_error(),
            Some(if cfg!(unix) { 24 } else { 10_024 })
        );
        drop(first);
        assert!(listener.accept().await.is_ok());
        assert_eq!(two.server.descriptors(), 1);
    });
}

#[test]
fn a_client_that_is_aborted_is_an_error_of_one_accept() {
    on_two(2, |two| async move {
        two.server.change_kernel(|kernel| kernel.aborted = 1_000);
        let listener = two.server.listen(1).unwrap();
        let _client = two.client.connect(two.server.address(1)).await.unwrap();
        let error = listener.accept().await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionAborted);
        assert_eq!(two.server.descriptors(), 1);
    });
}

#[test]
fn a_clock_that_drifts_measures_another_hour() {
    on_two(3, |two| async move {
        let hour = Duration::from_secs(3_600);
        let drift = Drift {
            ahead: Duration::from_secs(10),
            gains: 1_000,
        };
        let fast = two.server.clock(&two.handle, drift);
        assert_eq!(fast.now().since_start(), Duration::from_secs(10));
        fast.sleep(hour).await;
        assert_eq!(fast.now().since_start().as_secs(), 3_610);
        assert_eq!(two.handle.now().since_start().as_secs(), 3_596);
        let slow = Drift {
            ahead: Duration::ZERO,
            gains: -1_000,
        };
        let slow = two.client.clock(&two.handle, slow);
        let before = two.handle.now();
        slow.sleep(hour).await;
        assert_eq!(two.handle.now().saturating_since(before).as_secs(), 3_603);
    });
}

#[test]
#[should_panic(expected = "stuck at 0ns with seed 4: no task is ready")]
fn a_program_that_waits_for_nothing_is_told() {
    on_two(4, |_| std::future::pending());
}

#[test]
#[should_panic(expected = "a task polls again and again")]
fn a_program_that_tries_again_forever_is_told() {
    let event_loop = EventLoop::with_driver(SimNet::new(5));
    event_loop.block_on(async {
        loop {
            yield_now().await;
        }
    });
}
