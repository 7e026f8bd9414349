//! 5.5 drain: to the last byte, within a budget.

#[path = "drain/machine.rs"]
mod machine;
#[path = "drain/moves.rs"]
mod moves;
#[path = "drain/reader.rs"]
mod reader;

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::subject::{BUDGET, Readiness};
use machine::{SEED, Socket};
use moves::{KNOWN, MOVES};
use probe::runs::Search;
use probe::{Recorder, Run, run, snapshot};
use probe_futures::poller;
use probe_io::{Trigger, marked};
use reactor::Readiness as Reference;
use reader::{Endless, Reader, never_registered, refuse_error};

#[test]
fn before_the_first_event_no_attempt_is_made() {
    let run = run!("before_the_event");
    let reader = Reader::new(&run, Trigger::Edge);
    match reader.read() {
        Poll::Pending => {}
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
        Poll::Ready(Ok(_)) => run.departs("There was nothing to read, and `poll_io` was ready."),
    }
    if reader.kernel.reads() > 0 {
        reader.note_the_attempt();
        run.diagnose(
            "tried-without-a-reason",
            "No event had reported this direction, and `poll_io` made an attempt. That costs a useless system call at each poll of each \
             waiting task.",
        );
    }
    if reader.task.counts().alive == 0 {
        never_registered(&run);
    }
    snapshot!(run);
}

#[test]
fn a_direction_that_starts_ready_is_tried_at_once() {
    let run = run!();
    let task = poller(run.recorder(), "task");
    let readiness = Readiness::ready();
    let attempt = pin!(poll_fn(|context| readiness.poll_io(
        1,
        context,
        || Ok(7),
        |_| false
    )));
    let call = run.recorder().enters("task", "tries");
    let poll = task.poll(attempt);
    call.returns(if poll.is_ready() { "done" } else { "pending" });
    if !matches!(poll, Poll::Ready(Ok(7))) {
        run.departs("`Readiness::ready()` is worth an attempt at once, and the attempt would have succeeded.");
    }
}

#[test]
fn an_event_wakes_the_task_and_the_bytes_are_read() {
    let run = run!("woken_and_read");
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"hello");
    reader.event();
    match reader.task.wakes() {
        0 => run.diagnose(
            "forgot-to-wake",
            "The task was waiting, an event came, and the task was not woken.",
        ),
        1 => {}
        _ => run.departs("One event woke the task more than once."),
    }
    match reader.read() {
        Poll::Ready(Ok(5)) => {}
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
        _ => run.departs("The event reported bytes, and the read did not return them."),
    }
    snapshot!(run);
}

#[test]
fn an_event_before_the_first_poll_is_remembered() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    reader.kernel.arrives(b"hello");
    reader.event();
    if reader.read().is_pending() {
        run.diagnose(
            "event-forgotten",
            "The event came before the first poll, and that poll is pending. The kernel reports a change once, so no other event will \
             come.",
        );
    }
}

#[test]
fn after_wouldblock_the_task_waits_for_the_next_event() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    // A spurious event.
    run.recorder()
        .says("kernel", "reports: readable, and no bytes are there");
    reader.readiness.event(false);
    match reader.read() {
        Poll::Pending => {}
        Poll::Ready(Ok(_)) => run.departs("There was nothing to read, and `poll_io` was ready."),
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
    }
    if reader.task.counts().alive == 0 {
        never_registered(&run);
    }
    let (reads, wakes) = (reader.kernel.reads(), reader.task.wakes());
    if wakes > 0 {
        run.diagnose(
            "busy-poll",
            "There is nothing to read, and the poll woke its own task. The executor would poll it without end until bytes arrive.",
        );
    }
    let _pending = reader.read();
    if reader.kernel.reads() > reads {
        reader.note_the_attempt();
        run.diagnose(
            "tried-without-a-reason",
            "The last attempt returned `WouldBlock`, no event has come since, and `poll_io` made another attempt. The outcome of an \
             attempt has to be remembered too.",
        );
    }
    reader.kernel.arrives(b"now");
    reader.event();
    if reader.task.wakes() == wakes {
        run.diagnose(
            "forgot-to-wake",
            "The task was waiting, an event came, and the task was not woken.",
        );
    }
    if !matches!(reader.read(), Poll::Ready(Ok(3))) {
        run.departs("The event reported bytes, and the read did not return them.");
    }
}

#[test]
fn the_task_also_waits_when_an_announced_end_is_not_there() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    run.recorder()
        .says("kernel", "reports: read closed, and no end is there");
    reader.readiness.event(true);
    match reader.read() {
        Poll::Pending => {}
        Poll::Ready(Ok(_)) => run.departs("There was nothing to read, and `poll_io` was ready."),
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
    }
    if reader.task.wakes() > 0 {
        run.diagnose(
            "busy-poll",
            "The attempt returned `WouldBlock`, and the poll woke its own task. After `WouldBlock` the direction is drained, also when \
             the last event announced an end.",
        );
    }
    if reader.task.counts().alive == 0 {
        never_registered(&run);
    }
}

#[test]
fn one_event_may_stand_for_many_reads() {
    let run = run!("many_reads");
    let reader = Reader::new(&run, Trigger::Edge);
    reader.kernel.arrives(b"twenty bytes at once");
    reader.run();
    if !reader.has(b"twenty bytes at once") {
        stalled(&run, &reader);
    }
    snapshot!(run);
}

#[track_caller]
fn stalled(run: &Run, reader: &Reader) -> ! {
    if reader.kernel.unread() > 0 {
        run.diagnose(
            "stopped-before-wouldblock",
            format!(
                "{} bytes are left in the socket, and the task waits for an event. The kernel reported them before, and does not report \
                 them again: a direction stays worth an attempt until one returns `WouldBlock`.",
                reader.kernel.unread()
            ),
        );
    }
    run.departs("The task read other bytes than those that arrived.")
}

#[test]
fn an_interrupted_attempt_is_made_again() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"hello");
    reader.kernel.interrupts(2);
    reader.event();
    match reader.read() {
        Poll::Ready(Ok(5)) => {}
        Poll::Ready(Err(error)) => refuse_error(&run, &error),
        Poll::Pending if reader.task.wakes() == 1 => run.diagnose(
            "interrupted-taken-for-wouldblock",
            "The attempt was interrupted, and the task waits for an event. The kernel reported the bytes before, and does not report \
             them again.",
        ),
        // A wake of its own task for another attempt loses nothing.
        Poll::Pending => {
            reader.run();
            if !reader.has(b"hello") {
                stalled(&run, &reader);
            }
        }
        Poll::Ready(Ok(_)) => run.departs("After an interrupted attempt the read returned another number of bytes than had arrived."),
    }
}

#[test]
fn any_other_error_is_returned() {
    let run = run!();
    let task = poller(run.recorder(), "task");
    let readiness = Readiness::ready();
    let mut tries = 0;
    let attempt = pin!(poll_fn(|context| {
        let reset = || {
            tries += 1;
            Err::<(), _>(marked::error(ErrorKind::ConnectionReset, 7))
        };
        readiness.poll_io(1, context, reset, |()| false)
    }));
    let call = run.recorder().enters("task", "tries: ConnectionReset");
    let poll = task.poll(attempt);
    match poll {
        Poll::Ready(Err(error)) if marked::mark(&error) == Some(7) => {
            call.returns("ConnectionReset")
        }
        Poll::Ready(Err(error)) if error.kind() == ErrorKind::ConnectionReset => {
            call.returns("a new ConnectionReset");
            run.diagnose(
                "error-rebuilt",
                "The attempt failed with ConnectionReset, and `poll_io` returned an error of the same kind that is not the attempt's: your code \
                 made a new one. What the attempt's error holds beside its kind is lost: the operating system's code, or the message.",
            );
        }
        _ => {
            call.returns("something else");
            run.departs(
                "The attempt failed with ConnectionReset, and `poll_io` did not return that error.",
            );
        }
    }
    if tries > 1 {
        run.departs("The attempt failed with ConnectionReset, and `poll_io` made another one.");
    }
    let again = pin!(poll_fn(|context| {
        readiness.poll_io(1, context, || Ok(()), |()| false)
    }));
    let call = run
        .recorder()
        .enters("task", "tries again: there is something");
    if task.poll(again).is_pending() {
        call.returns("pending");
        run.diagnose(
            "stopped-before-wouldblock",
            "An attempt failed with ConnectionReset, and the next poll made no attempt. Only `WouldBlock` shows that the direction is drained: \
             after another error there may be more, and the kernel reported it before.",
        );
    }
    call.returns("ready");
}

#[test]
fn bytes_that_arrive_after_a_short_read_are_read() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    for text in ["one", "two", "three"] {
        reader.kernel.arrives(text.as_bytes());
        reader.run();
    }
    if !reader.has(b"onetwothree") {
        stalled(&run, &reader);
    }
}

#[test]
fn if_a_short_read_proves_nothing_reads_go_on_until_wouldblock() {
    let run = run!();
    // The next event is withheld until an attempt returns `WouldBlock`, and `short` is always false.
    let reader = Reader::new(&run, Trigger::EdgeOnceDrained);
    for text in ["one", "two", "three"] {
        reader.kernel.arrives(text.as_bytes());
        reader.run();
    }
    if !reader.has(b"onetwothree") {
        stalled(&run, &reader);
    }
}

#[test]
fn an_end_that_came_with_the_last_bytes_is_found() {
    let run = run!("the_end_behind");
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"bye");
    reader.kernel.ends();
    reader.run();
    end_is_found(&run, &reader);
    snapshot!(run);
}

#[test]
fn a_later_event_does_not_hide_the_end() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"bye");
    reader.kernel.ends();
    reader.event();
    // Another event without the end: a direction receives every event that concerns it.
    run.recorder().says("kernel", "reports: readable");
    reader.readiness.event(false);
    reader.run();
    end_is_found(&run, &reader);
}

#[test]
fn an_end_behind_more_bytes_than_one_read_takes_is_found() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"eighteen bytes bye");
    reader.kernel.ends();
    reader.run();
    end_is_found(&run, &reader);
}

#[track_caller]
fn end_is_found(run: &Run, reader: &Reader) {
    if reader.ended.get() {
        return;
    }
    if reader.kernel.unread() > 0 {
        stalled(run, reader);
    }
    run.diagnose(
        "eof-behind-short-read",
        "Every byte was read, the end could be read, and the task waits for an event. The kernel reported the end together with the \
         bytes, and does not report it again: after that event a short read proves nothing.",
    )
}

#[test]
fn the_task_of_the_latest_poll_is_woken() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    let other = poller(run.recorder(), "other");
    let asks = pin!(poll_fn(|context| (reader.readiness).poll_io(
        1,
        context,
        || Ok(1),
        |_| false
    )));
    let call = run.recorder().enters("other", "reads");
    let _pending = other.poll(asks);
    call.returns("pending");
    reader.kernel.arrives(b"hello");
    reader.event();
    if other.wakes() == 0 {
        run.diagnose(
            "first-waker-only",
            "`task` polled first, and then `other` polled. The event did not wake `other`. The task of the latest poll is the one that \
             waits.",
        );
    }
}

#[test]
fn a_woken_task_may_poll_inside_its_wake() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"hello");
    thread_local!(static AGAIN: RefCell<Option<Rc<Readiness>>> = const { RefCell::new(None) });
    thread_local!(static TRIES: Cell<usize> = const { Cell::new(0) });
    AGAIN.set(Some(Rc::clone(&reader.readiness)));
    let woken = poller(run.recorder(), "woken");
    let waker = woken.waker();
    reader.task.on_wake(move || {
        let again = AGAIN.take().expect("woken once");
        let nothing = || {
            TRIES.set(TRIES.get() + 1);
            Err(ErrorKind::WouldBlock.into())
        };
        let asks = poll_fn(|context| again.poll_io(1, context, nothing, |()| false));
        let _poll = pin!(asks).as_mut().poll(&mut Context::from_waker(&waker));
    });
    let event = probe::panics::expected(|| reader.event());
    if let Err(panic) = event {
        run.diagnose(
            "borrowed-across-wake",
            format!(
                "The woken task called `poll_io` from inside `wake`, and that panicked: {}. A part of the readiness is still borrowed while \
                 the waker runs.",
                panic.message
            ),
        );
    }
    (run.recorder()).says(
        "task",
        format!(
            "polls inside wake, and makes {} attempts    expected: 1",
            TRIES.get()
        ),
    );
    if TRIES.get() == 0 {
        run.diagnose(
            "event-forgotten",
            "An event woke the task, and the task polled inside `wake`. `poll_io` made no attempt: the event was not remembered yet. The kernel \
             does not report it again.",
        );
    }
}

#[test]
fn forget_drops_the_waker() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.readiness.forget();
    run.recorder()
        .says("task", "is forgotten: forget() was called");
    if reader.task.counts().alive > 0 {
        run.diagnose(
            "waker-kept",
            "`forget` was called, and the task's waker is still kept. The waker keeps the whole task in memory.",
        );
    }
}

#[test]
fn a_task_that_has_not_polled_again_is_woken_once() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    for bytes in [&b"one"[..], b"two"] {
        reader.kernel.arrives(bytes);
        reader.event();
    }
    if reader.task.wakes() > 1 {
        run.diagnose(
            "waker-kept",
            "The first event woke the task, and it has not polled since. The second event woke it again: `event` called the waker and \
             kept it. The waker keeps the whole task in memory.",
        );
    }
}

#[test]
fn forget_keeps_what_an_event_reported() {
    let run = run!();
    let reader = Reader::new(&run, Trigger::Edge);
    let _pending = reader.read();
    reader.kernel.arrives(b"hello");
    reader.event();
    reader.readiness.forget();
    run.recorder()
        .says("task", "is forgotten: forget() was called");
    if reader.read().is_pending() {
        run.diagnose(
            "event-forgotten",
            "An event came, then `forget` was called, and the next poll is pending. `forget` drops the waiting task; the kernel does \
             not report the bytes again.",
        );
    }
}

#[test]
fn a_peer_that_never_stops_does_not_keep_the_thread() {
    let run = run!();
    let reader = Endless::new(&run);
    reader.expect_a_pause(2);
    if reader.task.wakes() == 0 {
        run.diagnose(
            "budget-without-a-wake",
            "The budget was used up, `poll_io` was pending, and the task was not woken. More bytes can be read, and the kernel reported \
             them before: no later event will wake the task.",
        );
    }
}

#[test]
fn each_iteration_has_its_own_budget() {
    let run = run!();
    let reader = Endless::new(&run);
    for turn in 2..6 {
        let wakes = reader.task.wakes();
        reader.expect_a_pause(turn);
        if reader.tries.take() > 0 {
            continue;
        }
        // With a used-up budget the poll wakes its task; with a drained direction it does not.
        if reader.task.wakes() > wakes {
            run.diagnose(
                "budget-never-renewed",
                format!("Iteration {turn} has begun, and `poll_io` made no attempt in it: it counts with the used-up budget of an earlier iteration."),
            );
        }
        run.diagnose(
            "stopped-before-wouldblock",
            format!(
                "Iteration {turn} has begun, and `poll_io` made no attempt in it: the task waits for an event. In the iteration before, the \
                 budget was used up, and no attempt returned `WouldBlock`. More bytes can be read, and the kernel reported them before.",
            ),
        );
    }
}

#[test]
fn each_direction_has_its_own_budget() {
    let run = run!();
    let directions = [Readiness::ready(), Readiness::ready()];
    let tries = directions.each_ref().map(|readiness| {
        let task = poller(&Recorder::default(), "task");
        let mut tries = 0;
        for _ in 0..2 * BUDGET {
            let attempt = poll_fn(|context| {
                let attempt = || {
                    tries += 1;
                    Ok(())
                };
                readiness.poll_io(1, context, attempt, |()| false)
            });
            if task.poll(pin!(attempt)).is_pending() {
                break;
            }
        }
        tries
    });
    for (name, tries) in ["one direction", "another"].into_iter().zip(tries) {
        run.recorder().says(
            name,
            format!("makes {tries} attempts in iteration 1    expected: {BUDGET}"),
        );
    }
    if tries[0] == BUDGET && tries[1] < BUDGET {
        run.diagnose(
            "budget-shared",
            format!(
                "One direction used up its {BUDGET} attempts in an iteration. Another one had {} left in it. The two share a budget: each \
                 direction of each source has its own.",
                tries[1]
            ),
        );
    }
    let third = Readiness::ready();
    let begins = poll_fn(|context| third.poll_io(1, context, || Ok(()), |()| false));
    let _ = poller(&Recorder::default(), "task").poll(pin!(begins));
    let mut more = 0;
    let first = poll_fn(|context| {
        let attempt = || {
            more += 1;
            Ok(())
        };
        directions[0].poll_io(1, context, attempt, |()| false)
    });
    let _ = poller(&Recorder::default(), "task").poll(pin!(first));
    if tries == [BUDGET, BUDGET] && more > 0 {
        (run.recorder()).says(
            "one direction",
            "makes another attempt in iteration 1    expected: none",
        );
        run.diagnose(
            "budget-shared",
            format!(
                "One direction used up its {BUDGET} attempts in an iteration, and then others made attempts. After that the first had attempts left \
                 in the same iteration. Each direction of each source counts its own.",
            ),
        );
    }
}

#[test]
fn failed_attempts_use_the_budget_too() {
    let run = run!();
    let readiness = Readiness::ready();
    let task = poller(&Recorder::default(), "task");
    let mut tries = 0;
    for _ in 0..2 * BUDGET {
        let attempt = poll_fn(|context| {
            let attempt = || {
                tries += 1;
                Err::<(), _>(ErrorKind::ConnectionAborted.into())
            };
            readiness.poll_io(1, context, attempt, |()| false)
        });
        if task.poll(pin!(attempt)).is_pending() {
            break;
        }
    }
    if tries > BUDGET {
        (run.recorder()).says(
            "task",
            format!("makes {tries} attempts in iteration 1, each fails    expected: {BUDGET}"),
        );
        run.diagnose(
            "drained-without-limit",
            format!(
                "A listener whose clients are gone fails at each attempt. In one iteration `poll_io` made {tries} attempts. Expected: {BUDGET}, \
                 whatever they come to.",
            ),
        );
    }
}

#[test]
fn the_end_is_found_behind_several_short_reads() {
    let run = run!();
    let readiness = Readiness::drained();
    readiness.event(true);
    (run.recorder()).says("kernel", "reports: readable, read closed");
    let task = poller(&Recorder::default(), "task");
    // The socket hands out what it has in small parts.
    for count in [3, 2, 1, 0] {
        let attempt = pin!(poll_fn(|context| {
            readiness.poll_io(1, context, || Ok(count), |count| *count < 10)
        }));
        let call = run
            .recorder()
            .enters("task", format!("can read {count} of 10 bytes"));
        if task.poll(attempt).is_ready() {
            call.returns("ready");
            continue;
        }
        call.returns("pending");
        run.diagnose(
            "eof-behind-short-read",
            "The event announced the end. A read was short, and the next attempt was not made, although the end had not been found. The kernel does \
             not report it again.",
        );
    }
}

#[test]
fn interrupted_attempts_use_the_budget_too() {
    let run = run!();
    let reader = Endless {
        interrupted: true,
        ..Endless::new(&run)
    };
    reader.expect_a_pause(2);
}

#[test]
fn every_short_run_of_events_and_reads_has_the_right_outcome() {
    Search::of(&MOVES)
        .up_to(3)
        .and_random(100, 12, SEED)
        .naming(KNOWN)
        .compare(&run!(), Socket::<Readiness>::new, Socket::<Reference>::new);
}

#[test]
fn an_iteration_of_any_number_has_its_own_budget() {
    let run = run!();
    for step in [1, 1 << 8, 1 << 16, 1 << 32, u64::MAX - 1] {
        let reader = Endless::new(&run);
        reader.expect_a_pause(1);
        reader.tries.set(0);
        let (wakes, next) = (reader.task.wakes(), 1 + step);
        reader.expect_a_pause(next);
        if reader.tries.get() == 0 && reader.task.wakes() > wakes {
            run.diagnose(
                "budget-never-renewed",
                format!(
                    "The budget of iteration 1 was used up. In iteration {next} `poll_io` made no attempt and woke the task: it took iteration \
                     {next} for iteration 1.",
                ),
            );
        }
    }
}
