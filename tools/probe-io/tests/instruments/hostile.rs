//! The hostile stream: what is right passes every script, and each wrong answer breaks the invariant that it is about.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use futures::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use probe::run;
use probe_io::hostile::{Broken, Ended, HostileStream, Operation, Script, hostile};

const TEXT: &[u8] = b"one two three";

/// The first thing that is broken in any of the scripts.
fn first_broken<F: Future<Output = io::Result<()>>>(
    scripts: Vec<Script>,
    code: impl Fn(HostileStream) -> F,
) -> Option<Broken> {
    let run = run!();
    scripts.iter().find_map(|script| {
        let (stream, witness) = hostile(&run, script, TEXT);
        let ended = witness.drive(pin!(code(stream)), || {});
        witness.verdict(&ended, &witness.input())
    })
}

async fn echo(mut stream: HostileStream) -> io::Result<()> {
    let mut buffer = [0; 5];
    loop {
        match stream.read(&mut buffer).await? {
            0 => return stream.close().await,
            count => stream.write_all(&buffer[..count]).await?,
        }
    }
}

#[test]
fn an_echo_that_is_right_passes_every_script() {
    assert_eq!(first_broken(Script::of_all(3), echo), None);
}

#[test]
fn what_is_not_taken_at_once_must_not_be_lost() {
    let broken = first_broken(Script::of_writes(2), |mut stream| async move {
        let mut buffer = [0; 64];
        while let count @ 1.. = stream.read(&mut buffer).await? {
            let _taken = stream.write(&buffer[..count]).await?;
        }
        stream.close().await
    });
    assert_eq!(broken, Some(Broken::Incomplete));
}

#[test]
fn the_error_of_each_operation_is_the_outcome() {
    let closes = first_broken(Script::of_ends(1), |mut stream| async move {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await?;
        stream.write_all(&all).await?;
        let _hidden = stream.close().await;
        Ok(())
    });
    assert_eq!(closes, Some(Broken::ErrorHidden(Operation::Close)));
    let reads = first_broken(Script::of_reads(1), |mut stream| async move {
        let mut all = Vec::new();
        let _hidden = stream.read_to_end(&mut all).await;
        stream.write_all(&all).await
    });
    assert_eq!(reads, Some(Broken::ErrorHidden(Operation::Read)));
}

#[test]
fn an_error_that_is_made_anew_is_not_the_stream_s() {
    let rebuilt = first_broken(Script::of_writes(1), |mut stream| async move {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await?;
        let written = stream.write_all(&all).await;
        written.map_err(|error| error.kind().into())
    });
    assert_eq!(rebuilt, Some(Broken::ErrorRebuilt(Operation::Write)));
    let wrapped = first_broken(Script::of_ends(1), |mut stream| async move {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await?;
        stream.write_all(&all).await?;
        let closed = stream.close().await;
        closed.map_err(|error| io::Error::new(error.kind(), error))
    });
    assert_eq!(wrapped, Some(Broken::ErrorRebuilt(Operation::Close)));
}

#[test]
fn a_stream_that_has_failed_is_not_closed() {
    let broken = first_broken(Script::of_writes(1), |mut stream| async move {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await?;
        let result = stream.write_all(&all).await;
        let _ = stream.close().await;
        result
    });
    assert_eq!(broken, Some(Broken::CalledAfterFailure(Operation::Close)));
}

#[test]
fn a_write_that_takes_nothing_does_not_go_on_for_ever() {
    let broken = first_broken(Script::of_writes(1), |mut stream| async move {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await?;
        let mut left = &all[..];
        while !left.is_empty() {
            let taken = stream.write(left).await?;
            left = &left[taken..];
        }
        Ok(())
    });
    assert_eq!(broken, Some(Broken::Spins));
}

/// Polls with the waker of its first poll.
struct FirstWaker(HostileStream, Option<Waker>);

impl AsyncRead for FirstWaker {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let first = self
            .1
            .get_or_insert_with(|| context.waker().clone())
            .clone();
        Pin::new(&mut self.0).poll_read(&mut Context::from_waker(&first), buffer)
    }
}

#[test]
fn the_waker_of_the_latest_poll_counts() {
    let broken = first_broken(Script::of_reads(2), |stream| async move {
        FirstWaker(stream, None)
            .read_to_end(&mut Vec::new())
            .await
            .map(drop)
    });
    // The first script with two pending reads comes before any in which something else would be missing.
    let run = run!();
    let script = Script {
        reads: vec![probe_io::hostile::Answer::Pending; 2],
        ..Script::default()
    };
    let (stream, witness) = hostile(&run, &script, TEXT);
    let ended = witness.drive(
        pin!(async { FirstWaker(stream, None).read_to_end(&mut Vec::new()).await }),
        || {},
    );
    assert!(
        matches!(ended, Ended::Not(Broken::EarlierWoken)),
        "{ended:?}"
    );
    assert!(broken.is_some());
}

#[test]
fn a_poll_that_is_pending_for_nothing_is_told_from_one_that_was_not_woken() {
    let broken = first_broken(vec![Script::default()], |stream| async move {
        let _kept = stream;
        poll_fn(|_| Poll::Pending).await
    });
    assert_eq!(broken, Some(Broken::WaitsForNothing));
}

#[test]
fn a_run_shows_the_calls_and_how_the_code_ended() {
    let verdict = probe::panics::verdict_of(|| {
        let run = run!();
        let script = Script {
            closes: vec![probe_io::hostile::Answer::Error(
                ErrorKind::ConnectionAborted,
            )],
            ..Script::default()
        };
        let (mut stream, witness) = hostile(&run, &script, b"");
        let ended = witness.drive(
            pin!(async {
                let _hidden = AsyncWriteExt::close(&mut stream).await;
                Ok(())
            }),
            || {},
        );
        witness.judge(ended, b"", |_| Some("error-swallowed"));
    });
    let probe::panics::Verdict::Broken(diagnosis) = verdict else {
        panic!("the error is hidden")
    };
    assert_eq!(
        diagnosis.recording.to_string(),
        " 1  stream     close() → ConnectionAborted\n 2  your code  ends well    expected: ends with ConnectionAborted\n"
    );
    assert_eq!(diagnosis.mistake.as_deref(), Some("error-swallowed"));
}

#[test]
fn figures_that_say_less_have_a_code_and_those_that_say_more_have_none() {
    for (figures, mistake, sentence) in [
        (
            (0, 0),
            Some("bytes-not-counted"),
            "When this poll returned, 0 bytes in, 0 bytes out were counted. Expected: 0 bytes in, 5 bytes out.",
        ),
        (
            (1, 5),
            None,
            "When this poll returned, 1 bytes in, 5 bytes out were counted. Expected: 0 bytes in, 5 bytes out.",
        ),
    ] {
        let verdict = probe::panics::verdict_of(|| {
            let run = run!();
            let (mut stream, witness) = hostile(&run, &Script::default(), b"");
            let _ended = witness.drive(pin!(stream.write_all(b"hello")), || {});
            witness.judge_figures("this poll returned", (0, 5), "bytes-not-counted");
            witness.judge_figures("this poll returned", figures, "bytes-not-counted");
        });
        let probe::panics::Verdict::Broken(diagnosis) = verdict else {
            panic!("the figures are wrong")
        };
        assert_eq!(diagnosis.mistake.as_deref(), mistake);
        assert_eq!(diagnosis.sentence, sentence);
    }
}

#[test]
fn a_stream_that_is_dropped_without_a_close_has_a_code() {
    for closes in [false, true] {
        let verdict = probe::panics::verdict_of(|| {
            let run = run!();
            let (mut stream, witness) = hostile(&run, &Script::default(), b"");
            let closed = async {
                if closes {
                    stream.close().await?;
                }
                Ok(())
            };
            witness.judge(witness.drive(pin!(closed), || {}), b"", |_| None);
            witness.judge_close("dropped-instead-of-closed");
        });
        assert_eq!(
            matches!(verdict, probe::panics::Verdict::Broken(_)),
            !closes
        );
    }
}
