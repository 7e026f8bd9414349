//! hyper-rt: hyper's traits for streams, timers and tasks.

#[path = "hyper_rt/parts.rs"]
mod parts;

// The tests below come first, and then those of these modules, in this order.
#[path = "hyper_rt/clock.rs"]
mod clock;

#[path = "hyper_rt/tasks.rs"]
mod tasks;

use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use super::subject::HyperIo;
use hyper::rt::Write;
use parts::{echo, name, read, reads};
use probe::{panics, run, snapshot};
use probe_futures::{Sim, poller};
use probe_io::hostile::{Script, hostile};
use probe_io::stream::{End, stream};

#[test]
fn bytes_that_have_arrived_are_put_into_the_buffer() {
    let run = run!("reads");
    let sim = Sim::new(&run);
    let (stream, peer) = stream(&run, &sim);
    let mut io = HyperIo::new(stream);
    let task = poller(run.recorder(), "task");
    reads(&run, &task, (&mut io, &peer), 64, Poll::Pending);
    peer.sends(b"GET / ");
    peer.sends(b"HTTP/1.1");
    sim.advance();
    if task.wakes() == 0 {
        run.diagnose(
            "never-registered",
            "Bytes have arrived, and the task whose poll was pending was not woken: the stream was not given its waker.",
        );
    }
    reads(&run, &task, (&mut io, &peer), 64, Poll::Ready(b"GET / "));
    let woken = task.wakes();
    sim.advance();
    if task.wakes() > woken {
        run.diagnose(
            "reads-more-than-once",
            "Your `poll_read` returned 6 bytes. It had read a second time: that read was pending and kept the waker, so the task is woken once \
             more.",
        );
    }
    reads(&run, &task, (&mut io, &peer), 64, Poll::Ready(b"HTTP/1.1"));
    peer.ends();
    sim.advance();
    reads(&run, &task, (&mut io, &peer), 64, Poll::Ready(b""));
    snapshot!(run);
}

#[test]
fn a_buffer_that_has_little_room_gets_no_more_than_that() {
    let run = run!("little_room");
    let sim = Sim::new(&run);
    let (stream, peer) = stream(&run, &sim);
    let mut io = HyperIo::new(stream);
    let task = poller(run.recorder(), "task");
    peer.sends(b"twelve bytes");
    sim.advance();
    let before = peer.taken();
    let polled = panics::expected(|| read(&run, &task, &mut io, b"at ", 5));
    let taken = peer.taken() - before;
    if taken > 5 {
        run.diagnose(
            "read-past-the-room",
            format!(
                "The buffer had room for 5 bytes, and your `poll_read` read {taken} from the stream. The bytes that do not fit are lost, or the \
                 `put_slice` of them panics."
            ),
        );
    }
    match polled {
        Ok(Poll::Ready(Ok(bytes))) if bytes.starts_with(b"at ") && bytes.len() > 3 => {}
        Ok(other) => run.departs(format!(
            "The buffer had 3 bytes and room for 5, and 12 bytes had arrived. Expected: some of them behind those 3. The poll returned {other:?}."
        )),
        Err(panic) => run.departs(format!("Your `poll_read` panicked: {}.", panic.message)),
    }
    if polled_rest(&run, &task, &mut io, taken) != b"twelve bytes"[taken..] {
        run.departs("The next reads did not deliver the rest of the bytes.");
    }
    snapshot!(run);
}

/// What further reads deliver, up to the end of twelve bytes.
fn polled_rest<S: futures::io::AsyncRead + Unpin>(
    run: &probe::Run,
    task: &probe_futures::Poller,
    io: &mut HyperIo<S>,
    taken: usize,
) -> Vec<u8> {
    let mut rest = Vec::new();
    while taken + rest.len() < 12 {
        match read(run, task, io, b"", 5) {
            Poll::Ready(Ok(bytes)) if !bytes.is_empty() => rest.extend(bytes),
            _ => break,
        }
    }
    rest
}

#[test]
fn a_read_of_everything_there_is_does_not_wait_for_more() {
    let run = run!("one_read");
    let sim = Sim::new(&run);
    let (stream, peer) = stream(&run, &sim);
    let mut io = HyperIo::new(stream);
    peer.sends(b"GET / HTTP/1.1");
    sim.advance();
    let task = poller(run.recorder(), "task");
    reads(
        &run,
        &task,
        (&mut io, &peer),
        64,
        Poll::Ready(b"GET / HTTP/1.1"),
    );
    snapshot!(run);
}

#[test]
fn an_error_of_the_stream_is_no_end() {
    let run = run!();
    let sim = Sim::new(&run);
    let (stream, peer) = stream(&run, &sim);
    let mut io = HyperIo::new(stream);
    peer.breaks(ErrorKind::ConnectionReset);
    sim.advance();
    let task = poller(run.recorder(), "task");
    match read(&run, &task, &mut io, b"", 64) {
        Poll::Ready(Err(error)) if error.kind() == ErrorKind::ConnectionReset => {}
        Poll::Ready(Ok(bytes)) if bytes.is_empty() => run.diagnose(
            "error-swallowed",
            "The connection broke with ConnectionReset, and your `poll_read` returned the end of the stream.",
        ),
        other => run.departs(format!(
            "The connection broke with ConnectionReset, and your `poll_read` returned {other:?}."
        )),
    }
}

#[test]
fn a_write_returns_what_the_stream_took() {
    let run = run!("short_write");
    let (stream, peer) = stream(&run, &Sim::new(&run));
    peer.takes(7);
    let mut io = HyperIo::new(stream);
    let task = poller(run.recorder(), "task");
    let call = run.recorder().enters("hyper", "writes \"HTTP/1.1 200 OK\"");
    let polled = task.lend(|waker| {
        let mut context = std::task::Context::from_waker(waker);
        Pin::new(&mut io).poll_write(&mut context, b"HTTP/1.1 200 OK")
    });
    call.returns(format!("{polled:?}"));
    match polled {
        Poll::Ready(Ok(7)) => {}
        Poll::Pending => run.diagnose(
            "written-twice",
            "The stream took 7 bytes, and your `poll_write` returned `Pending`. To hyper, `Pending` means that nothing was taken: it writes the \
             same bytes again.",
        ),
        other => run.departs(format!(
            "The stream took 7 bytes. Expected: Ready(Ok(7)). Your `poll_write` returned {other:?}."
        )),
    }
    snapshot!(run);
}

#[test]
fn a_flush_and_a_shutdown_reach_the_stream() {
    let run = run!("ends");
    let (stream, peer) = stream(&run, &Sim::new(&run));
    peer.gets_it_when_flushed();
    let mut io = HyperIo::new(stream);
    let task = poller(run.recorder(), "task");
    let mut call = |text: &str, poll: parts::Call<'_>| {
        let call = run.recorder().enters("hyper", text);
        let polled: Poll<io::Result<()>> = task.lend(|waker| {
            poll(
                Pin::new(&mut io as &mut parts::Writer),
                &mut std::task::Context::from_waker(waker),
            )
        });
        call.returns(format!("{polled:?}"));
        polled
    };
    let _ = call("writes \"200 OK\"", &|io, context| {
        io.poll_write(context, b"200 OK").map_ok(drop)
    });
    let _ = call("flushes", &|io, context| io.poll_flush(context));
    if peer.received() != b"200 OK" {
        run.diagnose(
            "flush-not-passed-on",
            "hyper flushed, and the stream was not flushed: it holds 6 bytes of the answer back.",
        );
    }
    let _ = call("shuts down", &|io, context| io.poll_shutdown(context));
    if peer.sees_the_end() != End::Closed {
        run.diagnose(
            "close-not-passed-on",
            "hyper shut the stream down, and the stream was not closed: the peer waits for the end.",
        );
    }
    snapshot!(run);
}

#[test]
fn a_flush_and_a_shutdown_take_as_long_as_those_of_the_stream() {
    let run = run!();
    let mut io = HyperIo::new(parts::Slow::default());
    let mut context = Context::from_waker(Waker::noop());
    let flushes = [(); 2].map(|()| Pin::new(&mut io).poll_flush(&mut context).is_ready());
    let closes = [(); 2].map(|()| Pin::new(&mut io).poll_shutdown(&mut context).is_ready());
    for (what, ready) in [("poll_flush", flushes), ("poll_shutdown", closes)] {
        if ready == [false, true] {
            continue;
        }
        run.recorder()
            .says("hyper", format!("calls {what} twice: ready? {ready:?}"));
        run.departs(format!(
            "The stream was pending in the first poll, and ready in the second. Expected of `{what}`: the same. Seen, is it ready: {ready:?}. \
             hyper drops a stream whose `poll_shutdown` is ready, with the bytes that it still holds."
        ));
    }
}

#[test]
fn every_short_script_of_a_stream_has_the_right_outcome() {
    let run = run!();
    for room in [1, 5, 100] {
        for script in Script::of_all(2) {
            let (stream, witness) = hostile(&run, &script, b"twelve bytes");
            let ended = witness.drive(pin!(echo(HyperIo::new(stream), room)), || {});
            let whole = witness.input();
            witness.judge(ended, &whole, name);
        }
    }
}

#[test]
fn a_large_buffer_gets_large_reads_whole() {
    let run = run!();
    let large: Vec<u8> = (0..200_000_u32).map(|number| number as u8).collect();
    for room in [1_000, 8_192, 65_536, 300_000] {
        let mut io = HyperIo::new(&large[..]);
        let task = poller(run.recorder(), "task");
        let mut all = Vec::new();
        while let Poll::Ready(Ok(bytes)) = read(&run, &task, &mut io, b"", room)
            && !bytes.is_empty()
            && all.len() < large.len()
        {
            all.extend(bytes);
        }
        if all != large {
            run.departs(format!(
                "200,000 bytes were read through a buffer of {room}, and what arrived is something else."
            ));
        }
    }
}
