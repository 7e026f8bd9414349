//! The loop, the tasks that record, and a server that judges what it is sent and when.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::super::subject::{Collector, LIMIT, Server, flush_task};
use Step::{Record, SpuriousPoll};
use event_loop::{EventLoop, Handle, Time};
use probe::{Run, run};
use probe_futures::{LatestWaker, Sim};
use probe_loop::{SimDriver, Stuck};

/// How long a send takes, in milliseconds.
pub(super) const SEND: u64 = 30;

/// How long a slow one takes: longer than the time-out.
pub(super) const SLOW_SEND: u64 = 1_370;

/// How long the world goes on after the last step.
const AFTER: u64 = 3_500;

/// More iterations than any right answer takes.
const TURNS: usize = 3_000;

/// What the script does at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// A task records this many values, one after the other.
    Record(u32),
    /// The sending task is polled, although nothing has happened.
    SpuriousPoll,
}

/// What the server and the recording tasks know.
pub(super) struct World {
    pub(super) run: Run,
    handle: Handle,
    /// Recorded, and not sent.
    pub(super) waiting: RefCell<Vec<u32>>,
    next: Cell<u32>,
    pub(super) sending: Cell<bool>,
    /// How long a send takes, in milliseconds.
    send_takes: u64,
    pub(super) sends: RefCell<Vec<(u64, Vec<u32>)>>,
    /// When the current wait for a full batch began.
    pub(super) idle_since: Cell<u64>,
    /// Since when a full batch could be sent, and whether it became full during a send.
    pub(super) due: Cell<Option<(u64, bool)>>,
    /// Recording tasks that have not completed.
    pub(super) recording: Cell<usize>,
    /// Calls of `record` that have not returned.
    inside: Cell<usize>,
    /// Where a send was dropped.
    pub(super) cut_short: Cell<Option<usize>>,
    pub(super) over: Cell<bool>,
}

/// Runs the script beside the sending task.
#[track_caller]
pub(super) fn play(run: &Run, script: &[(u64, Step)]) -> Rc<World> {
    play_with_sends_of(SEND, run, script)
}

/// Runs the script beside the sending task, on a server that takes so long for each send.
#[track_caller]
pub(super) fn play_with_sends_of(send_takes: u64, run: &Run, script: &[(u64, Step)]) -> Rc<World> {
    let sim = Sim::new(run);
    let event_loop = EventLoop::with_driver(SimDriver::new(&sim));
    let handle = event_loop.handle();
    let world = Rc::new(World {
        run: run.clone(),
        handle: handle.clone(),
        waiting: RefCell::default(),
        next: Cell::new(1),
        sending: Cell::new(false),
        send_takes,
        sends: RefCell::default(),
        idle_since: Cell::new(0),
        due: Cell::new(None),
        recording: Cell::new(0),
        inside: Cell::new(0),
        cut_short: Cell::new(None),
        over: Cell::new(false),
    });
    let waker = LatestWaker::default();
    let collector = Collector::default();
    let task = flush_task(collector.clone(), handle.clone(), Rc::clone(&world));
    let task = handle.spawn(waker.of(task));
    let follower = follow(Rc::clone(&world), script.to_vec(), collector, waker);
    drop(handle.spawn(follower));
    let end = script
        .last()
        .map_or(0, |(at, _)| at + AFTER + 3 * send_takes);
    run.risk(
        Some("never-cleared"),
        "A task did not return from its poll. An event stays set, so each wait for it completes at once, without end.",
        || turns(run, &event_loop, end),
    );
    if task.is_finished() {
        run.departs("The sending task has completed. `flush_task` never returns.");
    }
    world.at_the_end();
    world
}

async fn follow(
    world: Rc<World>,
    script: Vec<(u64, Step)>,
    collector: Collector,
    task: LatestWaker,
) {
    for (at, step) in script {
        let at = Time::after_start(Duration::from_millis(at));
        world.handle.sleep_until(at).await;
        match step {
            Record(count) => {
                world.recording.set(world.recording.get() + 1);
                let records = record(Rc::clone(&world), collector.clone(), count);
                drop(world.handle.spawn(records));
            }
            SpuriousPoll => {
                let recorder = world.run.recorder();
                recorder.says("sending task", "is polled, although nothing has happened");
                task.wake();
            }
        }
    }
}

async fn record(world: Rc<World>, collector: Collector, count: u32) {
    for _ in 0..count {
        let value = world.next.replace(world.next.get() + 1);
        world.inside.set(world.inside.get() + 1);
        collector.record(value).await;
        world.inside.set(world.inside.get() - 1);
        world.recorded(value);
    }
    world.recording.set(world.recording.get() - 1);
}

#[track_caller]
fn turns(run: &Run, event_loop: &EventLoop<SimDriver>, end: u64) {
    let end = Duration::from_millis(end);
    for _ in 0..TURNS {
        if let Err(error) = event_loop.run_once() {
            assert!(Stuck::of(&error).is_some(), "{error}");
            return;
        }
        if event_loop.handle().now().since_start() > end {
            return;
        }
    }
    run.departs(format!(
        "The loop has run {TURNS} iterations: a task wakes itself, and does not sleep."
    ));
}

impl Server for Rc<World> {
    async fn send(&self, batch: Vec<u32>) {
        self.judge(&batch);
        let sending = Sending::begin(Rc::clone(self));
        let takes = Duration::from_millis(self.send_takes);
        self.handle.sleep(takes).await;
        sending.ends();
    }
}

/// A send in progress.
struct Sending(Option<Rc<World>>);

impl Sending {
    fn begin(world: Rc<World>) -> Sending {
        world.sending.set(true);
        Sending(Some(world))
    }

    fn ends(mut self) {
        let world = self.0.take().expect("it ends once");
        world.sending.set(false);
        world.idle_since.set(world.now());
        world.run.recorder().says("server", "has received them");
        let waiting = world.waiting.borrow().len();
        if waiting == LIMIT {
            world.due.set(Some((world.now(), true)));
        } else if world.inside.get() > 0 {
            world.run.departs(format!(
                "{waiting} values wait, and a task has waited in `record` for as long as the send took: it was not told that there is room when the \
                 batch was taken."
            ));
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        let Some(world) = self.0.take() else { return };
        if !world.over.get() {
            world.run.recorder().drops("send");
            world.cut_short.set(world.run.recorder().last_event());
        }
    }
}

impl World {
    /// The sends: when each began, and what was in it.
    pub(super) fn sends(&self) -> Vec<(u64, Vec<u32>)> {
        self.sends.borrow().clone()
    }

    /// Runs a script of gaps, and judges it.
    #[track_caller]
    pub(super) fn try_script(send_takes: u64, gaps: &[(u64, Step)]) {
        let mut at = 0;
        let script: Vec<(u64, Step)> = gaps
            .iter()
            .map(|(gap, step)| {
                at += gap;
                (at, *step)
            })
            .collect();
        play_with_sends_of(send_takes, &run!(), &script);
    }

    pub(super) fn now(&self) -> u64 {
        let now = self.handle.now().since_start().as_millis();
        u64::try_from(now).expect("a run is short")
    }
}
