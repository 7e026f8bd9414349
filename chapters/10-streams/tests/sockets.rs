//! Frames, `copy` and `split` on sockets of the system.

use event_loop::EventLoop;
use futures::{SinkExt, StreamExt};
use reactor::{Reactor, UnixStream};
use streams::{BufReader, Framed, LengthDelimited, copy, split};

/// Ten megabytes in frames of many sizes, through an echo: both directions are full at the same time, so a
/// client that only wrote first would wait without end.
#[test]
fn frames_come_back_from_an_echo_of_copy_and_split() {
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let reactor = event_loop.driver().handle();
    let (client, server) = event_loop
        .block_on(async { UnixStream::pair(&reactor) })
        .unwrap();
    let echo = event_loop.handle().spawn(async move {
        let (reader, mut writer) = split(server);
        let copied = copy(&mut BufReader::new(reader), &mut writer)
            .await
            .unwrap();
        futures::io::AsyncWriteExt::close(&mut writer)
            .await
            .unwrap();
        copied
    });
    let sizes = (0..).map(|number: usize| number * 7_919 % 40_000).take(500);
    let sent: Vec<Vec<u8>> = sizes.map(|size| vec![size as u8; size]).collect();
    let (reader, writer) = split(client);
    let frames = sent.clone();
    let sends = event_loop.handle().spawn(async move {
        let mut out = Framed::new(writer, LengthDelimited::new(40_000));
        for frame in &frames {
            out.feed(frame).await.unwrap();
        }
        SinkExt::<&[u8]>::close(&mut out).await.unwrap();
    });
    let (came, copied) = event_loop.block_on(async {
        let mut frames = Framed::new(reader, LengthDelimited::new(40_000));
        let mut came = Vec::new();
        while let Some(frame) = frames.next().await {
            came.push(frame.unwrap());
        }
        sends.await.unwrap();
        (came, echo.await.unwrap())
    });
    assert!(
        came == sent,
        "{} of {} frames came back",
        came.len(),
        sent.len()
    );
    let bytes: usize = sent.iter().map(|frame| frame.len() + 4).sum();
    assert_eq!(copied, bytes as u64);
}
