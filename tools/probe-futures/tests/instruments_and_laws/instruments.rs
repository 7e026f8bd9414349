//! The instruments for futures: wakers, spies, leaves and the simulated world.

use std::cell::Cell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use probe::panics::{Verdict, verdict_of};
use probe::runs::Step;
use probe::{Recorder, run};
use probe_futures::runs::Waiter;
use probe_futures::{LatestWaker, Sim, Stuck, anchored, gate, pending_times, poller, ready, spy};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_poller_counts_clones_wakes_and_what_is_alive() {
    let poller = poller(&Recorder::new(), "A");
    let waker = poller.waker();
    let clone = waker.clone();
    waker.wake_by_ref();
    waker.wake();
    let counts = poller.counts();
    assert_eq!(
        (
            counts.clones,
            counts.alive,
            counts.by_value,
            counts.by_reference
        ),
        (1, 1, 1, 1)
    );
    drop(clone);
    assert_eq!((poller.counts().alive, poller.wakes()), (0, 2));
}

#[test]
fn the_hooks_run_inside_clone_wake_and_drop_once_and_may_come_back_in() {
    let recorder = Recorder::new();
    let poller = poller(&recorder, "A");
    let inside = poller.clone();
    poller.on_clone(move || inside.waker().wake());
    let notes = recorder.clone();
    poller.on_wake(move || notes.says("hook", "ran inside wake"));
    let waker = poller.waker();
    drop(waker.clone());
    drop(waker.clone());
    assert_eq!((poller.wakes(), poller.counts().alive), (1, 1));
    let notes = recorder.clone();
    poller.on_drop(move || notes.says("hook", "ran when a waker went"));
    drop(waker.clone());
    drop(waker);
    insta::assert_snapshot!(recorder.recording(), @r"
     1  A     woken
     2  hook  ran inside wake
     3  hook  ran when a waker went
    ");
}

#[test]
fn a_local_hook_runs_once_on_its_thread_and_leaves_with_its_poller() {
    let (calls, run_by) = (Rc::new(Cell::new(0)), poller(&Recorder::new(), "A"));
    let add = |count: usize| {
        let calls = Rc::clone(&calls);
        move || calls.set(calls.get() + count)
    };
    run_by.on_clone_local(add(1));
    run_by.on_wake_local(add(10));
    run_by.on_drop_local(add(100));
    let waker = run_by.waker();
    drop(waker.clone());
    waker.wake();
    run_by.waker().wake();
    assert_eq!((calls.get(), Rc::strong_count(&calls)), (111, 1));
    run_by.on_wake_local(add(1_000));
    assert_eq!(Rc::strong_count(&calls), 2);
    drop(run_by);
    assert_eq!((calls.get(), Rc::strong_count(&calls)), (111, 1));
}

#[test]
fn a_local_hook_panics_on_another_thread() {
    let a = poller(&Recorder::new(), "A");
    a.on_wake_local(|| {});
    let waker = a.waker();
    assert!(std::thread::spawn(|| waker.wake()).join().is_err());
}

#[test]
fn the_latest_waker_is_that_of_the_latest_poll_and_may_be_replaced_while_it_wakes() {
    let [a, b] = ["A", "B"].map(|name| poller(&Recorder::new(), name));
    let latest = LatestWaker::default();
    let (inside, other) = (latest.clone(), b.clone());
    let mut work = pin!(latest.of(std::future::pending::<()>()));
    assert!(a.poll(work.as_mut()).is_pending());
    a.on_wake_local(move || inside.note(&other.waker()));
    assert!(latest.wake() && latest.wake());
    assert_eq!((a.wakes(), b.wakes()), (1, 1));
}

#[test]
fn a_waiter_tells_of_wakes_since_its_latest_poll_while_it_waits() {
    let said = |waiter: &Waiter| waiter.tell(Step::of("done")).about("B").map(str::to_owned);
    let (mut b, work) = (Waiter::new("B"), LatestWaker::default());
    let mut wait = Box::pin(work.of(pending_times(2, 7)));
    assert_eq!((said(&b), b.is_due(), b.is_woken()), (None, true, false));
    // It wakes itself in each of its first two polls.
    for _ in 0..2 {
        assert!(b.poll(wait.as_mut()).is_pending());
        assert_eq!(said(&b).as_deref(), Some("is woken"));
        assert!(b.is_due() && b.is_woken());
    }
    assert!(b.poll(wait.as_mut()).is_ready());
    assert_eq!((said(&b), b.is_due(), b.is_woken()), (None, true, false));
    assert!(b.poll_with(|_| Poll::<()>::Pending).is_pending());
    assert_eq!(said(&b).as_deref(), Some("is not woken"));
    assert!(!b.is_due());
    b.stop_waiting();
    assert_eq!(said(&b), None);
    assert_eq!(b.wakers_kept(), 1, "the latest waker is kept");
}

#[test]
fn a_waker_of_another_make_has_no_name() {
    assert_eq!(probe_futures::waker::name_of(Waker::noop()), None);
    let poller = poller(&Recorder::new(), "A");
    assert_eq!(
        probe_futures::waker::name_of(&poller.waker()).as_deref(),
        Some("A")
    );
}

#[test]
fn a_spy_records_polls_outcomes_and_its_end() {
    let run = run!();
    let (key, gate) = gate::<()>();
    let mut future = spy(&run, "future", gate).noting_its_end();
    let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
    assert!(a.poll(Pin::new(&mut future)).is_pending());
    assert!(future.as_mut_context(Waker::noop()).is_pending());
    drop(future);
    assert!(key.is_gone());
    let mut other = spy(&run, "other", ready(7));
    assert!(b.poll(Pin::new(&mut other)).is_ready());
    drop(other);
    insta::assert_snapshot!(run.recorder().recording(), @r"
     1  future  polled by A → pending
     2  future  polled → pending
     3  future  dropped
     4  other   polled by B → ready(7)
    ");
}

trait PollOnce: Future + Unpin {
    fn as_mut_context(&mut self, waker: &Waker) -> Poll<Self::Output> {
        Pin::new(self).poll(&mut Context::from_waker(waker))
    }
}

impl<F: Future + Unpin> PollOnce for F {}

#[test]
fn polling_a_child_after_it_was_ready_is_named() {
    let verdict = verdict_of(|| {
        let mut child = spy(&run!(), "child", pending_times(0, ()));
        let _first = child.as_mut_context(Waker::noop());
        let _second = child.as_mut_context(Waker::noop());
    });
    assert_eq!(code(&verdict), "polled-after-ready");
}

#[test]
fn a_gate_is_opened_by_its_key_and_wakes_the_latest_task() {
    let recorder = Recorder::new();
    let (key, mut gate) = gate();
    let [a, b] = ["A", "B"].map(|name| poller(&recorder, name));
    assert!(a.poll(Pin::new(&mut gate)).is_pending());
    assert!(b.poll(Pin::new(&mut gate)).is_pending());
    key.rattle();
    assert!(b.poll(Pin::new(&mut gate)).is_pending());
    key.open(7);
    assert_eq!((a.wakes(), b.wakes()), (0, 2));
    assert_eq!(b.poll(Pin::new(&mut gate)), Poll::Ready(7));
}

#[test]
fn an_anchored_future_that_stays_is_well_and_one_that_moved_is_named() {
    let stays = verdict_of(|| {
        let mut boxed = Box::pin(anchored(&run!(), pending_times(1, ())));
        while boxed
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_pending()
        {}
    });
    assert_eq!(stays, Verdict::Kept);
    let moved = verdict_of(|| {
        let run = run!();
        let mut places = [None, None].map(|_: Option<()>| anchored(&run, pending_times(9, ())));
        poll_carelessly(&mut places[0]);
        poll_carelessly(&mut places[1]);
        places.swap(0, 1);
        poll_carelessly(&mut places[0]);
    });
    assert_eq!(code(&moved), "moved-after-pin");
}

/// What an unsound wrapper does: it pins what it moves afterwards.
fn poll_carelessly<F: Future>(future: &mut F) {
    // SAFETY: none: this breaks the promise of `Pin` on purpose. `Anchored` only compares addresses, so nothing comes of it.
    #[allow(unsafe_code)]
    let pinned = unsafe { Pin::new_unchecked(future) };
    let _poll = pinned.poll(&mut Context::from_waker(Waker::noop()));
}

#[test]
fn a_simulated_world_says_when_its_next_event_is_and_can_be_taken_to_a_moment() {
    let sim = Sim::new(&run!());
    let seconds = |seconds| Duration::from_secs(seconds);
    assert_eq!(sim.next_event(), None);
    sim.at(seconds(2), || ());
    sim.at(seconds(1), || ());
    assert_eq!(sim.next_event(), Some(seconds(1)));
    sim.advance_to(seconds(2));
    assert_eq!((sim.now(), sim.left()), (seconds(2), 0));
    sim.advance_to(seconds(5));
    sim.advance_to(seconds(3));
    assert_eq!(sim.now(), seconds(5), "the clock never goes back");
}

#[test]
fn the_clock_of_a_simulated_world_jumps_to_the_next_event() {
    let run = run!();
    let sim = Sim::new(&run);
    for (when, name) in [(3, "third"), (1, "first"), (1, "second")] {
        let recorder = run.recorder().clone();
        sim.at(SECOND * when, move || recorder.says(name, "happens"));
    }
    while sim.advance() {}
    assert_eq!(sim.now(), SECOND * 3);
    insta::assert_snapshot!(run.recorder().recording(), @r"
     1  1s  first   happens
     2      second  happens
     3  3s  third   happens
    ");
}

#[test]
fn an_event_may_be_taken_back_and_one_in_the_past_happens_at_once() {
    let sim = Sim::new(&run!());
    let event = sim.at(SECOND, || ());
    assert!(sim.cancel(event) && !sim.cancel(event));
    sim.at(SECOND * 2, || ());
    assert!(sim.advance());
    sim.at(SECOND, || ());
    assert!(sim.advance());
    assert_eq!((sim.now(), sim.left()), (SECOND * 2, 0));
}

#[test]
fn a_future_that_is_woken_by_an_event_runs_to_its_end() {
    let run = run!();
    let sim = Sim::new(&run);
    let (key, gate) = gate();
    sim.at(SECOND * 5, move || key.open(7));
    assert_eq!(sim.run("task", pin!(spy(&run, "future", gate))), Ok(7));
    assert_eq!(sim.now(), SECOND * 5);
}

#[test]
fn a_future_that_no_source_will_wake_is_stuck_and_the_verdict_says_whether_one_could() {
    let sim = Sim::new(&run!());
    let (_key, gate) = gate::<()>();
    let held = Stuck {
        wakers_held: 1,
        external: vec![],
    };
    assert_eq!(sim.run("task", pin!(gate)), Err(held));
    let unwakeable = Stuck {
        wakers_held: 0,
        external: vec![],
    };
    assert_eq!(
        sim.run("task", pin!(std::future::pending::<()>())),
        Err(unwakeable)
    );
}

#[test]
fn a_source_of_wakes_that_is_not_known_is_announced() {
    let sim = Sim::new(&run!());
    sim.external("a thread of the test");
    let stuck = sim
        .run("task", pin!(std::future::pending::<()>()))
        .unwrap_err();
    assert_eq!(stuck.external, ["a thread of the test"]);
}

#[test]
fn a_future_that_wakes_itself_without_end_is_cut_off_and_named() {
    let verdict = verdict_of(|| {
        let _never = Sim::new(&run!()).run("task", pin!(pending_times(usize::MAX, ())));
    });
    assert_eq!(code(&verdict), "busy-poll");
}

#[track_caller]
fn code(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Broken(diagnosis) => diagnosis.mistake.as_deref().expect("a named mistake"),
        other => panic!("{other:?}"),
    }
}
