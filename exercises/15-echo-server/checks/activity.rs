//! 15.4 activity: how long a connection has been idle, without a timer for every byte.

use std::borrow::Cow;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use super::subject::Activity;
use event_loop::{Time, Timer};
use probe::runs::{Machine, Operation, Search, Step};
use probe::{Recorder, Run, run, snapshot};
use probe_futures::{Poller, Sim, poller};
use probe_loop::Clock;

/// The limit of these runs, in seconds.
const LIMIT: u64 = 60;

/// Notes activity at each of these times, in milliseconds. Returns when `idle_for` completed.
#[track_caller]
fn idle_after(run: &Run, noted: &[u64]) -> (Duration, Clock) {
    let sim = Sim::new(run);
    let clock = Clock::new(run, &sim);
    let activity = Activity::begin(clock.now());
    let limit = Duration::from_secs(LIMIT);
    let poller = poller(&Recorder::new(), "time-out");
    let mut idle = pin!(activity.idle_for(limit, &clock));
    let mut noted = noted.iter().map(|at| Duration::from_millis(*at)).peekable();
    let step = |polls: &mut usize| {
        *polls += 1;
        if *polls > 10_000 {
            run.diagnose(
                "polls-the-clock",
                "`idle_for` was polled 10,000 times, and is still pending: it looks at the clock again and again, and sleeps for a moment in between.",
            );
        }
    };
    let mut polls = 0;
    let mut wakes = 0;
    let mut ready = run.risk(None, "`idle_for` loops without end in one poll.", || {
        poller.poll(idle.as_mut()).is_ready()
    });
    while !ready {
        // What comes next: a note, or a timer.
        match (noted.peek().copied(), sim.next_event()) {
            (Some(at), next) if next.is_none_or(|next| at <= next) => {
                noted.next();
                sim.advance_to(at);
                activity.note(clock.now());
            }
            (_, Some(_)) => drop(sim.advance()),
            (_, None) => {
                run.recorder()
                    .says("time-out", "waits forever, without a timer");
                run.diagnose(
                    "never-times-out",
                    "No activity is noted any more, no timer is set, and `idle_for` is pending.",
                );
            }
        }
        if poller.wakes() > wakes {
            wakes = poller.wakes();
            step(&mut polls);
            ready = run.risk(None, "`idle_for` loops without end in one poll.", || {
                poller.poll(idle.as_mut()).is_ready()
            });
        }
        if sim.now() > Duration::from_secs(100_000) {
            run.recorder().says("time-out", "is pending after a day");
            run.diagnose(
                "never-times-out",
                "No activity was noted for more than a day, and `idle_for` is pending.",
            );
        }
    }
    (sim.now(), clock.clone())
}

fn millis(time: Duration) -> String {
    format!("at {} ms", time.as_millis())
}

/// The notes before the time-out.
fn until(noted: &[u64], came: Duration) -> impl Iterator<Item = u64> {
    let noted = noted.iter().copied();
    noted.take_while(move |at| Duration::from_millis(*at) <= came)
}

/// It completed at the right time, or the run says what is wrong.
#[track_caller]
fn expect(run: &Run, noted: &[u64], came: Duration) {
    let last = noted.last().copied().unwrap_or(0);
    let right = Duration::from_millis(last) + Duration::from_secs(LIMIT);
    if came == right {
        return;
    }
    if !noted.is_empty() && came == Duration::from_secs(LIMIT) {
        run.diagnose(
            "measured-from-the-start",
            format!(
                "Activity was noted at {last} ms, and `idle_for` completed at 60,000 ms, which is 60 s after the start. Expected: 60 s after the last note."
            ),
        );
    }
    if came < right {
        run.diagnose(
            "idle-too-early",
            format!(
                "The last note was {} ms old when `idle_for` completed. Expected: 60,000 ms.",
                came.as_millis() - u128::from(until(noted, came).last().unwrap_or(0))
            ),
        );
    }
    run.diagnose(
        "idle-counted-anew",
        format!(
            "The last note was {} ms old when `idle_for` completed. Expected: 60,000 ms.",
            (came - Duration::from_millis(last)).as_millis()
        ),
    );
}

#[test]
fn without_a_note_it_completes_after_the_limit() {
    let run = run!("nothing_happens");
    let (came, _) = idle_after(&run, &[]);
    run.recorder()
        .says("time-out", format!("completes {}", millis(came)));
    expect(&run, &[], came);
    snapshot!(run);
}

#[test]
fn each_note_postpones_it() {
    let run = run!("put_off");
    let noted = [20_000, 50_000];
    for at in noted {
        run.recorder().says(
            "peer",
            format!("sends a byte {}", millis(Duration::from_millis(at))),
        );
    }
    let quiet = Run::unnamed();
    let (came, _) = idle_after(&quiet, &noted);
    run.recorder()
        .says("time-out", format!("completes {}", millis(came)));
    expect(&run, &noted, came);
    snapshot!(run);
}

#[test]
fn it_completes_exactly_when_the_last_note_is_as_old_as_the_limit() {
    for noted in [
        &[1][..],
        &[59_999],
        &[60_000],
        &[30_000, 60_000, 90_000, 149_999],
        &[1, 59_000, 61_000, 100_000],
    ] {
        let run = run!();
        let (came, _) = idle_after(&run, noted);
        for at in until(noted, came) {
            (run.recorder()).says(
                "peer",
                format!("had sent a byte {}", millis(Duration::from_millis(at))),
            );
        }
        (run.recorder()).says("time-out", format!("completed {}", millis(came)));
        expect(&run, noted, came);
    }
}

#[test]
fn a_busy_connection_sets_one_timer_a_minute() {
    let run = run!("busy");
    // For ten minutes, a byte each tenth of a second.
    let noted: Vec<u64> = (1..=6_000).map(|tenth| tenth * 100).collect();
    let (came, clock) = idle_after(&Run::unnamed(), &noted);
    run.recorder().says("peer", "sends 6000 bytes within 600 s");
    let timers = clock.set();
    run.recorder()
        .says("time-out", format!("completes {}", millis(came)));
    expect(&run, &noted, came);
    if timers > 40 {
        run.recorder()
            .says("time-out", format!("has set {timers} timers"));
        run.diagnose(
            "polls-the-clock",
            format!(
                "`idle_for` set {timers} timers in 11 minutes. Expected: about 11, one in each limit."
            ),
        );
    }
    snapshot!(run);
}

#[test]
fn it_has_one_timer_at_a_time_and_cancels_it_when_dropped() {
    let run = run!();
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let activity = Activity::begin(clock.now());
    {
        let mut idle = pin!(activity.idle_for(Duration::from_secs(LIMIT), &clock));
        let poller = poller(run.recorder(), "time-out");
        for second in 1..600 {
            if poller.poll(idle.as_mut()).is_ready() {
                run.departs("Activity was noted each second, and `idle_for` completed.");
            }
            sim.advance_to(Duration::from_secs(second));
            activity.note(clock.now());
            if clock.alive() > 1 {
                run.diagnose(
                    "timer-leaked",
                    format!(
                        "{} timers are set at once for one connection. Expected: 1.",
                        clock.alive()
                    ),
                );
            }
        }
    }
    if clock.alive() > 0 {
        run.diagnose(
            "timer-leaked",
            "The future was dropped, and its timer is still set.",
        );
    }
}

#[test]
fn it_completes_at_once_if_the_last_note_is_older_than_the_limit() {
    let run = run!();
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let activity = Activity::begin(Time::after_start(Duration::ZERO));
    sim.advance_to(Duration::from_secs(LIMIT + 5));
    let idle = pin!(activity.idle_for(Duration::from_secs(LIMIT), &clock));
    match sim.run_unrecorded(idle) {
        Ok(()) if sim.now() == Duration::from_secs(LIMIT + 5) => {}
        _ => run.diagnose(
            "idle-counted-anew",
            "The last note was 65 s old when `idle_for` was first polled, and it was pending. Expected: it completes at once.",
        ),
    }
}

/// What can happen to an activity and to the future that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Notes,
    Waits(Duration),
    IsPolledByAnother,
    IsDropped,
    Passes(Duration),
}

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Notes => "connection".into(),
            Move::Passes(_) => "clock".into(),
            _ => "time-out".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Notes => "note(now)".into(),
            Move::Waits(limit) => format!("idle_for({limit:?})").into(),
            Move::IsPolledByAnother => "is polled by another task".into(),
            Move::IsDropped => "is dropped".into(),
            Move::Passes(time) => format!("{time:?} pass").into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Notes => "activity was noted".into(),
            Move::Waits(limit) => format!("a task waited for {limit:?} without activity").into(),
            Move::IsPolledByAnother => "another task polled the future".into(),
            Move::IsDropped => "the future was dropped".into(),
            Move::Passes(time) => format!("{time:?} passed").into(),
        }
    }
}

const TEN_YEARS: Duration = Duration::from_secs(315_360_000);

const MOVES: [Move; 8] = [
    Move::Waits(Duration::from_secs(LIMIT)),
    Move::Notes,
    Move::Passes(Duration::from_secs(30)),
    Move::Passes(Duration::from_nanos(1)),
    Move::Passes(TEN_YEARS),
    Move::IsPolledByAnother,
    Move::IsDropped,
    Move::Waits(Duration::ZERO),
];

/// The future of `idle_for`.
type Idle = Pin<Box<dyn Future<Output = ()>>>;

/// An activity and one future that waits at a time.
struct Watched {
    sim: Sim,
    clock: Clock,
    tasks: [Poller; 2],
    /// The task that polled last.
    task: usize,
    note: Box<dyn Fn(Time)>,
    start: Box<dyn Fn(Duration) -> Idle>,
    idle: Option<Idle>,
    completed: Option<Duration>,
}

macro_rules! watched {
    ($activity:ty) => {{
        let run = Run::unnamed();
        let sim = Sim::new(&run);
        let clock = Clock::new(&run, &sim);
        let activity = Rc::new(<$activity>::begin(clock.now()));
        let (noted, timer) = (Rc::clone(&activity), clock.clone());
        Watched {
            sim,
            clock,
            tasks: ["A", "B"].map(|name| poller(&Recorder::new(), name)),
            task: 0,
            note: Box::new(move |now| noted.note(now)),
            start: Box::new(move |limit| {
                let (activity, timer) = (Rc::clone(&activity), timer.clone());
                Box::pin(async move { activity.idle_for(limit, &timer).await })
            }),
            idle: None,
            completed: None,
        }
    }};
}

impl Watched {
    fn poll(&mut self) {
        let Some(idle) = &mut self.idle else {
            return;
        };
        if let Poll::Ready(()) = self.tasks[self.task].poll(idle.as_mut()) {
            self.completed = Some(self.sim.now());
            self.idle = None;
        }
    }

    /// Lets this time pass. Polls the future whenever the task that polled last is woken.
    fn pass(&mut self, time: Duration) {
        let until = self.sim.now() + time;
        let mut polled = self.tasks[self.task].wakes();
        for _ in 0..1_000 {
            let wakes = self.tasks[self.task].wakes();
            if wakes > polled {
                polled = wakes;
                self.poll();
            } else if self.sim.next_event().is_some_and(|next| next <= until) {
                self.sim.advance();
            } else {
                break;
            }
        }
        self.sim.advance_to(until);
    }

    fn step(&self) -> Step {
        let state = match (&self.idle, self.completed) {
            (Some(_), _) => "is pending".to_owned(),
            (None, Some(at)) => format!("has completed at {at:?}"),
            (None, None) => "does not exist".to_owned(),
        };
        Step::of("").fact("time-out", state)
    }
}

impl Machine for Watched {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Step> {
        match operation {
            Move::Notes => (self.note)(self.clock.now()),
            Move::Waits(limit) => {
                if self.idle.is_some() {
                    return None;
                }
                self.completed = None;
                self.idle = Some((self.start)(*limit));
                self.poll();
            }
            Move::IsPolledByAnother => {
                self.idle.as_ref()?;
                self.task = 1 - self.task;
                self.poll();
            }
            Move::IsDropped => drop(self.idle.take()?),
            Move::Passes(time) => self.pass(*time),
        }
        Some(self.step())
    }

    fn end(mut self) -> Step {
        self.pass(Duration::from_secs(LIMIT));
        let step = self.step();
        self.idle = None;
        step.fact("clock", format!("{} timers are left", self.clock.alive()))
    }
}

#[test]
fn every_short_run_completes_when_the_contract_says() {
    Search::of(&MOVES)
        .up_to(4)
        .and_random(100, 20, 0x154)
        .compare(
            &run!(),
            || watched!(Activity),
            || watched!(echo_server::Activity),
        );
}

#[test]
fn a_limit_that_the_clock_cannot_reach_never_completes() {
    // The clock counts nanoseconds in 64 bits, which is 584 years.
    for limit in [Duration::MAX, Duration::from_secs(18_446_744_100)] {
        let mut watched = watched!(Activity);
        watched.sim.advance_to(Duration::from_secs(1));
        watched.apply(&Move::Waits(limit));
        watched.apply(&Move::Passes(TEN_YEARS));
        if let Some(at) = watched.completed {
            let run = run!();
            (run.recorder()).says("time-out", format!("completes at {at:?}"));
            run.diagnose(
                "idle-too-early",
                format!("The limit was {limit:?}, and `idle_for` completed after {at:?}. Expected: it stays pending."),
            );
        }
    }
}

#[test]
fn two_tasks_may_wait_with_different_limits() {
    let run = run!();
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let activity = Activity::begin(clock.now());
    let mut long = pin!(activity.idle_for(Duration::from_secs(100), &clock));
    let mut short = pin!(activity.idle_for(Duration::from_secs(10), &clock));
    let tasks = ["long", "short"].map(|name| poller(run.recorder(), name));
    let mut completed = [None; 2];
    for second in 0..=120 {
        sim.advance_to(Duration::from_secs(second));
        if second == 5 {
            activity.note(clock.now());
        }
        if completed[0].is_none() && tasks[0].poll(long.as_mut()).is_ready() {
            completed[0] = Some(second);
        }
        if completed[1].is_none() && tasks[1].poll(short.as_mut()).is_ready() {
            completed[1] = Some(second);
        }
    }
    if completed != [Some(105), Some(15)] {
        run.departs(format!(
            "Activity was noted at 5 s. Two futures wait for 100 s and for 10 s, and complete at {completed:?}. Expected: 105 and 15."
        ));
    }
}
