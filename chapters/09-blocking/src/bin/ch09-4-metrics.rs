//! A burst of requests, each of which counts itself, and a StatsD server that is another task of the loop.

use std::io;

use blocking::statsd::{Metrics, Packing, send};
use event_loop::EventLoop;
use reactor::{Reactor, UdpSocket};

// ANCHOR: main
fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    let any = "127.0.0.1:0".parse().expect("it is an address");
    let server = UdpSocket::bind(&reactor, any)?;
    let client = UdpSocket::bind(&reactor, any)?;
    let to = server.local_addr()?;

    let metrics = Metrics::new(Packing {
        packets: 4,
        ..Packing::default()
    });
    let timer = event_loop.handle();
    let ours = metrics.clone();
    let sending = event_loop.handle().spawn(async move {
        send(&ours, timer, async |packet: &[u8]| {
            client.send_to(packet, to).await
        })
        .await;
    });
    event_loop.block_on(async {
        // No await: the task that sends has no turn before the burst has ended.
        for number in 1..=500 {
            metrics.count("requests", 1);
            metrics.timing("answered", std::time::Duration::from_millis(number));
        }
        metrics.finish();
        let _ = sending.await;
        listen(&server).await
    })
}
// ANCHOR_END: main

// ANCHOR: listen
/// Prints what arrives, until it is told of lines that were dropped.
async fn listen(server: &UdpSocket) -> io::Result<()> {
    let mut packet = [0; 2_048];
    loop {
        let (length, _) = server.recv_from(&mut packet).await?;
        let text = String::from_utf8_lossy(&packet[..length]);
        let (first, last) = (text.lines().next(), text.lines().last());
        println!(
            "{length:>5} bytes, {:>2} lines: {} … {}",
            text.lines().count(),
            first.unwrap_or_default(),
            last.unwrap_or_default()
        );
        if text.contains("statsd.dropped") {
            return Ok(());
        }
    }
}
// ANCHOR_END: listen
