//! hyper-rt: hyper's traits for streams, timers and tasks.

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::subject::{HyperIo, LoopExecutor, LoopTimer};
use hyper::rt::{Executor, Timer, Write};
use probe::{panics, run, snapshot};
use probe_futures::{Sim, gate, poller};
use probe_io::hostile::{Script, hostile};
use probe_io::stream::{End, stream};
use probe_loop::{Clock, SimLoop};

#[path = "hyper_rt/parts.rs"]
mod parts;

use parts::{echo, name, read, reads};

const MILLI: Duration = Duration::from_millis(1);

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

#[test]
fn the_loops_clock_is_hypers_clock() {
    let run = run!("clock");
    let sim = Sim::new(&run);
    sim.advance_to(500 * MILLI);
    let clock = Clock::new(&run, &sim);
    let timer = LoopTimer::new(clock.clone());
    let made = timer.now();
    let task = poller(run.recorder(), "task");
    if task.poll(timer.sleep(20 * MILLI).as_mut()).is_ready() {
        run.recorder().says("task", "sleep(20 ms) is ready");
        run.diagnose(
            "measured-from-the-start",
            "500 ms after the start of the loop `sleep(20 ms)` was called, and it was ready in the same moment. The duration counts from the call.",
        );
    }
    sim.advance_to(10_500 * MILLI);
    let begin = timer.now();
    run.recorder().says("loop", "10 s after the timer was made");
    if begin.saturating_duration_since(made) != 10_000 * MILLI {
        run.diagnose("two-clocks", format!("On the loop's clock 10 s have passed, and on the clock of `now` {:?}. hyper computes its deadlines from `now`: it has to be the loop's time.", begin.saturating_duration_since(made)));
    }
    let mut sleeps = [
        ("sleep(20 ms)", timer.sleep(20 * MILLI), 20),
        (
            "sleep_until(30 ms)",
            timer.sleep_until(begin + 30 * MILLI),
            30,
        ),
        ("sleep_until(now)", timer.sleep_until(begin), 0),
    ];
    for after in [0, 19, 20, 29, 30] {
        sim.advance_to((10_500 + after) * MILLI);
        let now = timer.now().saturating_duration_since(begin);
        run.recorder().says("loop", format!("{after} ms later"));
        if now != after * MILLI {
            run.diagnose(
                "two-clocks",
                format!("On the loop's clock {after} ms have passed, and `now` shows {now:?}. hyper compares moments of `now` with its deadlines: both have to be the loop's."),
            );
        }
        for (what, sleep, due) in &mut sleeps {
            if *due == u32::MAX {
                continue;
            }
            let woken = task.wakes();
            let ready = task.poll(sleep.as_mut()).is_ready();
            if !ready && task.wakes() > woken {
                run.diagnose(
                    "busy-poll",
                    format!("{what} was pending, and its poll woke its own task."),
                );
            }
            run.recorder().says(
                "task",
                format!("{what} is {}", if ready { "ready" } else { "pending" }),
            );
            if ready != (after >= *due) {
                run.diagnose(
                    "two-clocks",
                    format!(
                        "After {after} ms on the loop's clock {what} is {}.",
                        if ready { "ready" } else { "pending" }
                    ),
                );
            }
            if ready {
                *due = u32::MAX;
            }
        }
    }
    drop(sleeps);
    if clock.alive() > 0 {
        run.diagnose(
            "timer-leaked",
            "hyper dropped its sleeps, and a timer of the loop is still there.",
        );
    }
    snapshot!(run);
}

#[test]
fn a_sleep_until_a_time_that_has_passed_is_ready() {
    let run = run!();
    let sim = Sim::new(&run);
    sim.advance_to(500 * MILLI);
    let timer = LoopTimer::new(Clock::new(&run, &sim));
    let made = timer.now();
    sim.advance_to(10_500 * MILLI);
    let task = poller(run.recorder(), "task");
    // 600 ms before the timer was made lies before the loop's first moment. No `Instant` may be that early.
    let before = made.checked_sub(600 * MILLI);
    for (moment, what) in [
        (Some(made), "10 s ago"),
        (before, "before the loop was made"),
    ] {
        let Some(moment) = moment else { continue };
        let call = run
            .recorder()
            .enters("hyper", format!("sleep_until(a moment {what})"));
        let sleep = panics::expected(|| timer.sleep_until(moment));
        call.returns(if sleep.is_ok() { "a sleep" } else { "panics" });
        let Ok(mut sleep) = sleep else {
            run.diagnose(
                "past-moment-panics",
                format!("hyper asked for a sleep until a moment {what}, and your `sleep_until` panicked."),
            );
        };
        let polled = task.poll(sleep.as_mut());
        sim.advance();
        if polled.is_pending() && task.poll(sleep.as_mut()).is_pending() {
            run.departs(format!(
                "A sleep until a moment {what} is pending, also in the next iteration."
            ));
        }
    }
}

#[test]
fn a_sleep_is_not_ready_within_its_last_millisecond() {
    let run = run!();
    let sim = Sim::new(&run);
    let timer = LoopTimer::new(Clock::new(&run, &sim));
    let task = poller(run.recorder(), "task");
    let mut sleep = timer.sleep(Duration::from_micros(1_500));
    let mut later = |after: u64| {
        sim.advance_to(Duration::from_micros(after));
        let polled = task.poll(sleep.as_mut());
        let how = if polled.is_ready() {
            "ready"
        } else {
            "pending"
        };
        run.recorder()
            .says("task", format!("after {after} µs sleep(1500 µs) is {how}"));
        polled
    };
    if later(0).is_ready() || later(1_400).is_ready() {
        run.diagnose(
            "ready-too-early",
            "A sleep of 1,500 µs was ready before that time had passed.",
        );
    }
    if later(1_500).is_pending() {
        run.departs("A sleep of 1,500 µs was pending when that time had passed.");
    }
}

#[test]
fn a_sleep_may_last_for_years() {
    const DAY: Duration = Duration::from_secs(86_400);
    let run = run!();
    let sim = Sim::new(&run);
    let timer = LoopTimer::new(Clock::new(&run, &sim));
    let task = poller(run.recorder(), "task");
    let mut sleeps = [
        ("sleep", timer.sleep(1_000 * DAY)),
        ("sleep_until", timer.sleep_until(timer.now() + 1_000 * DAY)),
    ];
    for (day, right) in [(0, false), (999, false), (1_000, true)] {
        sim.advance_to(day * DAY);
        for (what, sleep) in &mut sleeps {
            let ready = task.poll(sleep.as_mut()).is_ready();
            if ready != right {
                let how = if ready { "ready" } else { "pending" };
                run.recorder()
                    .says("task", format!("after {day} days `{what}` is {how}"));
                run.departs(format!(
                    "hyper asked `{what}` for 1,000 days. After {day} days it is {how}."
                ));
            }
        }
    }
}

#[test]
fn a_task_of_hypers_runs_on_the_loop() {
    let run = run!();
    let sim = SimLoop::new(&run);
    let (key, gate) = gate::<()>();
    let done = Rc::new(Cell::new(0));
    let sees = Rc::clone(&done);
    let executor = LoopExecutor::new(sim.handle());
    run.risk(
        Some("blocks-the-loop"),
        "hyper called `execute` with a future that waits, and the call does not return: the loop's thread is blocked.",
        || {
            executor.execute(async move {
                sees.set(1);
                gate.await;
                sees.set(2);
                "an output"
            });
        },
    );
    if done.get() > 0 {
        run.diagnose(
            "polled-in-execute",
            "`execute` polled the future. It has to return first: hyper holds its connection's state meanwhile.",
        );
    }
    let _ = sim.run_until(|| done.get() > 0);
    key.open(());
    let _ = sim.run_until(|| done.get() == 2);
    if done.get() != 2 {
        run.departs("hyper called `execute`, and its future was not polled to the end.");
    }
}

#[test]
fn the_output_of_a_task_is_dropped() {
    let run = run!();
    let sim = SimLoop::new(&run);
    let values = probe::detect::DropCounter::new();
    let output = values.token();
    let ended = Rc::new(Cell::new(false));
    let sees = Rc::clone(&ended);
    LoopExecutor::new(sim.handle()).execute(async move {
        sees.set(true);
        output
    });
    let _ = sim.run_until(|| ended.get());
    if values.dropped() != 1 {
        run.departs(
            "A task of hyper's has ended, and its output is still there. Nothing reads the output of such a task: it is dropped.",
        );
    }
}

#[test]
fn hyper_answers_two_requests_and_ends_a_client_that_is_too_slow() {
    let run = run!("served");
    parts::served(&run);
    snapshot!(run);
}
