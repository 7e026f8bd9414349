//! `Framed`, `BufReader`, `copy` and `split`, on streams that answer badly.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use futures::io::{AsyncBufRead, AsyncRead, AsyncReadExt, AsyncWrite};
use futures::{Sink, SinkExt, Stream, StreamExt};
use probe::run;
use probe_io::hostile::{Answer, Ended, Script, hostile};
use streams::{
    BadLine, BufReader, FrameError, Framed, LengthDelimited, LineCodec, copy, lines, split,
};

const TEXT: &[u8] = b"one\r\n\ntwo\nfar too long\nlast";

fn right() -> Vec<Result<String, BadLine>> {
    let text = |text: &str| Ok(text.to_owned());
    vec![
        text("one"),
        text(""),
        text("two"),
        Err(BadLine::TooLong),
        text("last"),
    ]
}

#[test]
fn every_script_of_reads_gives_the_lines_and_then_the_first_error() {
    let run = run!();
    for script in Script::of_reads(4) {
        let (stream, witness) = hostile(&run, &script, TEXT);
        let mut framed = Framed::new(stream, LineCodec::new(8));
        let mut lines = Vec::new();
        let ended = witness.drive(
            pin!(async {
                while let Some(line) = framed.next().await {
                    lines.push(line?);
                }
                assert!(framed.next().await.is_none());
                io::Result::Ok(())
            }),
            || {},
        );
        witness.judge(ended, b"", |_| None);
        let text = &TEXT[..witness.read()];
        let expected = match witness.failure() {
            Some(_) => &right()[..lines.len()],
            None if text.len() == TEXT.len() => &right()[..],
            None => continue, // The end came in the middle.
        };
        assert_eq!(lines, expected, "{script:?}");
    }
}

#[test]
fn a_line_is_given_before_more_is_read() {
    let script = Script {
        reads: vec![Answer::Part(9), Answer::Error(ErrorKind::TimedOut)],
        ..Script::default()
    };
    let run = run!();
    let (stream, _witness) = hostile(&run, &script, b"one\ntwo\nthree\n");
    let mut lines = pin!(lines(stream, 10));
    let mut context = Context::from_waker(Waker::noop());
    for line in ["one", "two"] {
        let next = lines.as_mut().poll_next(&mut context);
        assert!(matches!(next, Poll::Ready(Some(Ok(found))) if found == line));
    }
}

#[test]
fn a_next_that_is_dropped_at_any_poll_loses_no_byte() {
    let run = run!();
    for script in Script::of_reads(5) {
        if script
            .reads
            .iter()
            .any(|answer| matches!(answer, Answer::Zero | Answer::Error(_)))
        {
            continue;
        }
        let (stream, _witness) = hostile(&run, &script, TEXT);
        let mut framed = Framed::new(stream, LineCodec::new(8));
        let mut found = Vec::new();
        loop {
            // A future of its own for each poll.
            let mut context = Context::from_waker(Waker::noop());
            match pin!(framed.next()).poll(&mut context) {
                Poll::Pending => {}
                Poll::Ready(Some(line)) => found.push(line.unwrap()),
                Poll::Ready(None) => break,
            }
        }
        assert_eq!(found, right(), "{script:?}");
    }
}

#[test]
fn an_error_of_the_codec_ends_the_frames_and_says_which() {
    let run = run!();
    for (input, kind, error) in [
        (
            &b"\0\0\0\x01a\0\0\0\x09"[..],
            ErrorKind::InvalidData,
            FrameError::TooLong { length: 9 },
        ),
        (
            b"\0\0\0\x01a\0\0",
            ErrorKind::UnexpectedEof,
            FrameError::Truncated,
        ),
    ] {
        let (stream, witness) = hostile(&run, &Script::default(), input);
        let mut framed = Framed::new(stream, LengthDelimited::new(5));
        let Ended::Ready(found) = witness.drive(pin!(framed.by_ref().collect::<Vec<_>>()), || {})
        else {
            panic!("it ends");
        };
        let [Ok(first), Err(second)] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!((&first[..], second.kind()), (&b"a"[..], kind));
        let inner = second
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<FrameError>());
        assert_eq!(inner, Some(&error));
    }
}

#[test]
fn every_script_of_writes_receives_a_prefix_of_the_frames() {
    let run = run!();
    let mut scripts = Script::of_writes(4);
    scripts.extend(Script::of_ends(2));
    for script in scripts {
        let (stream, witness) = hostile(&run, &script, b"");
        let mut framed = Framed::new(stream, LineCodec::new(10));
        let ended = witness.drive(
            pin!(async {
                for line in ["one", "two", "three"] {
                    framed.send(line).await?;
                }
                SinkExt::<&str>::close(&mut framed).await
            }),
            || {},
        );
        witness.judge(ended, b"one\ntwo\nthree\n", |_| None);
    }
}

#[test]
fn a_writer_whose_peer_reads_nothing_is_pending_and_its_memory_bounded() {
    let run = run!();
    let script = Script {
        writes: vec![Answer::Pending; 3],
        ..Script::default()
    };
    let (stream, witness) = hostile(&run, &script, b"");
    let mut framed = Framed::new(stream, LineCodec::new(1_000));
    let mut context = Context::from_waker(Waker::noop());
    let line = "x".repeat(999);
    let mut accepted = 0;
    while Sink::<&str>::poll_ready(Pin::new(&mut framed), &mut context).is_ready() {
        Pin::new(&mut framed).start_send(&*line).unwrap();
        accepted += 1;
    }
    assert_eq!((accepted, witness.written().len()), (9, 0));
    assert_eq!(framed.into_parts().unwritten.len(), 9_000);
}

#[test]
fn a_frame_that_cannot_be_encoded_is_refused_and_the_next_is_sent() {
    let mut framed = Framed::new(io_vec(), LineCodec::new(10));
    let error = block_on(framed.send("two\nlines")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    block_on(framed.send("one")).unwrap();
    assert_eq!(framed.into_parts().stream.into_inner(), b"one\n");
}

#[test]
fn every_script_copies_a_prefix_and_all_of_it_if_nothing_fails() {
    let run = run!();
    for script in Script::of_all(3) {
        for capacity in [1, 4, 100] {
            let (stream, witness) = hostile(&run, &script, TEXT);
            let (reader, mut writer) = split(stream);
            let mut reader = BufReader::with_capacity(capacity, reader);
            if script.reads.contains(&Answer::Zero) {
                // The end came early: what was read until then is the whole.
                let _ = witness.drive(pin!(copy(&mut reader, &mut writer)), || {});
                assert!(TEXT.starts_with(&witness.written()));
                continue;
            }
            let ended = witness.drive(pin!(copy(&mut reader, &mut writer)), || {});
            if let Ended::Ready(Ok(count)) = &ended {
                assert_eq!(*count, TEXT.len() as u64);
            }
            witness.judge(ended, TEXT, |_| None);
            assert!(
                witness.most_held() <= capacity,
                "{} bytes are held",
                witness.most_held()
            );
        }
    }
}

#[test]
fn a_copy_that_is_dropped_at_any_poll_goes_on_where_it_was() {
    let run = run!();
    for script in Script::of_all(3) {
        let fails = |answer: &Answer| matches!(answer, Answer::Zero | Answer::Error(_));
        let all = [
            &script.reads,
            &script.writes,
            &script.flushes,
            &script.closes,
        ];
        if all.iter().any(|answers| answers.iter().any(fails)) {
            continue;
        }
        let (stream, witness) = hostile(&run, &script, TEXT);
        let (reader, mut writer) = split(stream);
        let mut reader = BufReader::with_capacity(4, reader);
        let mut context = Context::from_waker(Waker::noop());
        while pin!(copy(&mut reader, &mut writer))
            .poll(&mut context)
            .is_pending()
        {}
        assert_eq!(witness.written(), TEXT, "{script:?}");
    }
}

#[test]
fn what_was_written_is_flushed_while_the_reader_is_pending() {
    let run = run!();
    let sim = probe_futures::Sim::new(&run);
    let (stream, peer) = probe_io::stream(&run, &sim);
    peer.gets_it_when_flushed();
    peer.sends(b"hello");
    sim.advance();
    let (reader, mut writer) = split(stream);
    let mut reader = BufReader::new(reader);
    let mut copying = pin!(copy(&mut reader, &mut writer));
    assert!(
        copying
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
    );
    assert_eq!(peer.received(), b"hello");
}

#[test]
fn a_buffered_reader_reads_everything_in_reads_of_any_size() {
    let run = run!();
    for script in Script::of_reads(4) {
        if script.reads.contains(&Answer::Zero) {
            continue;
        }
        for size in [1, 2, 3, 5, 100] {
            let (stream, witness) = hostile(&run, &script, TEXT);
            let mut reader = BufReader::with_capacity(3, stream);
            let mut found = Vec::new();
            let ended = witness.drive(
                pin!(async {
                    let mut buffer = vec![0; size];
                    loop {
                        match reader.read(&mut buffer).await? {
                            0 => return io::Result::Ok(()),
                            count => found.extend_from_slice(&buffer[..count]),
                        }
                    }
                }),
                || {},
            );
            let failed = witness.failure().is_some();
            witness.judge(ended, b"", |_| None);
            assert!(
                TEXT.starts_with(&found) && (failed || found == TEXT),
                "{script:?}"
            );
        }
    }
}

#[test]
fn many_small_reads_are_few_reads_below() {
    /// Counts its reads.
    struct Counting<R>(R, usize);

    impl<R: AsyncRead + Unpin> AsyncRead for Counting<R> {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            buffer: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            self.1 += 1;
            Pin::new(&mut self.0).poll_read(context, buffer)
        }
    }

    let text = [b'x'; 100_000];
    let mut reader = BufReader::new(Counting(&text[..], 0));
    let mut bytes = Vec::new();
    for _ in 0..text.len() {
        let mut byte = [0];
        block_on(reader.read_exact(&mut byte)).unwrap();
        bytes.extend(byte);
    }
    assert_eq!(bytes, text);
    assert_eq!(reader.get_mut().1, 13); // 100,000 / 8,192, and the rest.
}

#[test]
#[should_panic(expected = "more than was there")]
fn more_than_was_read_cannot_be_consumed() {
    let mut reader = BufReader::new(&b"abc"[..]);
    Pin::new(&mut reader).consume(1);
}

#[test]
fn a_half_whose_stream_is_being_polled_is_pending_and_woken() {
    /// Its poll calls a waker that polls the other half, as a waker might.
    struct Reenters(Option<Box<dyn FnOnce()>>);

    impl AsyncRead for Reenters {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            if let Some(call) = self.get_mut().0.take() {
                call();
            }
            Poll::Ready(Ok(0))
        }
    }

    impl AsyncWrite for Reenters {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.0 = None;
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    let (mut reader, mut writer) = split(Reenters(None));
    let woken = std::rc::Rc::new(std::cell::Cell::new(0));
    // The stream's own poll reaches the other half.
    let (taken, seen) = (
        std::rc::Rc::new(std::cell::RefCell::new(None)),
        woken.clone(),
    );
    let other = taken.clone();
    let call = move || {
        let writer: &mut Option<streams::WriteHalf<Reenters>> = &mut other.borrow_mut();
        let a = probe_futures::poller(&probe::Recorder::new(), "A");
        let waker = a.waker();
        let polled =
            Pin::new(writer.as_mut().unwrap()).poll_write(&mut Context::from_waker(&waker), b"x");
        assert!(polled.is_pending());
        seen.set(a.wakes());
    };
    let stream = reader
        .unsplit(writer)
        .unwrap_or_else(|_| panic!("they belong together"));
    assert!(stream.0.is_none());
    (reader, writer) = split(Reenters(Some(Box::new(call))));
    *taken.borrow_mut() = Some(writer);
    let polled = Pin::new(&mut reader).poll_read(&mut Context::from_waker(Waker::noop()), &mut [0]);
    assert!(matches!(polled, Poll::Ready(Ok(0))));
    assert_eq!(woken.get(), 1);
    drop(taken.take());
}

#[test]
fn halves_that_do_not_belong_together_stay_halves() {
    let (one, _) = split(io_vec());
    let (_, other) = split(io_vec());
    assert!(one.unsplit(other).is_err());
}

fn io_vec() -> futures::io::Cursor<Vec<u8>> {
    futures::io::Cursor::new(Vec::new())
}

fn block_on<F: Future>(future: F) -> F::Output {
    wakers::block_on(future)
}
