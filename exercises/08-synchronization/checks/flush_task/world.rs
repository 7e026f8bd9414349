//! The loop, the tasks that record, and a server that judges what it is sent and when.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

use super::super::subject::{Collector, FLUSH_TIMEOUT, LIMIT, Server, flush_task};
use Step::{Record, SpuriousPoll};
use event_loop::{EventLoop, Handle, Time};
use probe::{Run, run};
use probe_futures::Sim;
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
    run: Run,
    handle: Handle,
    /// Recorded, and not sent.
    waiting: RefCell<Vec<u32>>,
    next: Cell<u32>,
    sending: Cell<bool>,
    /// How long a send takes, in milliseconds.
    send_takes: u64,
    sends: RefCell<Vec<(u64, Vec<u32>)>>,
    /// When the current wait for a full batch began.
    idle_since: Cell<u64>,
    /// Since when a full batch could be sent, and whether it became full during a send.
    due: Cell<Option<(u64, bool)>>,
    /// Recording tasks that have not completed.
    recording: Cell<usize>,
    /// Calls of `record` that have not returned.
    inside: Cell<usize>,
    /// Where a send was dropped.
    cut_short: Cell<Option<usize>>,
    over: Cell<bool>,
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
    let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
    let collector = Collector::default();
    let task = flush_task(collector.clone(), handle.clone(), Rc::clone(&world));
    let task = handle.spawn(noting_the_waker(Rc::clone(&waker), task));
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
    task: Rc<RefCell<Option<Waker>>>,
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
                task.borrow().iter().for_each(Waker::wake_by_ref);
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

/// Polls `future`, and keeps the waker of the task that it is polled in.
async fn noting_the_waker<F: Future>(waker: Rc<RefCell<Option<Waker>>>, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _older = waker.replace(Some(context.waker().clone()));
        future.as_mut().poll(context)
    })
    .await
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

    #[track_caller]
    pub(super) fn sent(&self, expected: &[(u64, &[u32])]) {
        let sends = self.sends();
        let same = sends.len() == expected.len()
            && sends
                .iter()
                .zip(expected)
                .all(|(send, right)| send.0 == right.0 && send.1 == right.1);
        if !same {
            self.run.departs(format!(
                "Sent, with the milliseconds at which each send began: {sends:?}. Expected: {expected:?}."
            ));
        }
    }

    fn now(&self) -> u64 {
        let now = self.handle.now().since_start().as_millis();
        u64::try_from(now).expect("a run is short")
    }

    /// `record` has returned.
    #[track_caller]
    fn recorded(&self, value: u32) {
        let waiting = {
            let mut waiting = self.waiting.borrow_mut();
            waiting.push(value);
            waiting.len()
        };
        let recorder = self.run.recorder();
        recorder.says("collector", format!("records {value}: {waiting} wait"));
        if waiting > LIMIT {
            self.run.diagnose(
                "over-the-limit",
                format!("{LIMIT} values waited, and `record` added value {value}. It has to wait until they have been taken."),
            );
        }
        self.pass_empty_waits();
        if waiting == LIMIT && !self.sending.get() {
            self.due.set(Some((self.now(), false)));
        }
    }

    /// A wait that ends with nothing to send begins again.
    fn pass_empty_waits(&self) {
        if self.waiting.borrow().len() != 1 || self.sending.get() {
            return;
        }
        let timeout = u64::try_from(FLUSH_TIMEOUT.as_millis()).expect("it is short");
        while self.idle_since.get() + timeout <= self.now() {
            self.idle_since.set(self.idle_since.get() + timeout);
        }
    }

    /// The server is handed a batch.
    #[track_caller]
    fn judge(&self, batch: &[u32]) {
        let now = self.now();
        self.refuse_cut_short();
        let recorder = self.run.recorder();
        recorder.says("server", format!("is sent {batch:?}"));
        if self.sending.get() {
            self.run
                .departs("A send began before the last one had ended.");
        }
        let waiting = self.waiting.take();
        if waiting != batch {
            self.run.departs(format!(
                "These values waited: {waiting:?}. The batch has: {batch:?}."
            ));
        }
        match self.due.take() {
            Some((due, during_a_send)) if now > due => self.late(due, during_a_send),
            Some(_) => {}
            None => self.in_time(now, batch),
        }
        self.sends.borrow_mut().push((now, batch.to_vec()));
    }

    /// A batch that is not full is sent when the time-out has passed.
    #[track_caller]
    fn in_time(&self, now: u64, batch: &[u32]) {
        let timeout = u64::try_from(FLUSH_TIMEOUT.as_millis()).expect("it is short");
        let right = self.idle_since.get() + timeout;
        if now < right {
            self.run.diagnose(
                "written-unasked",
                format!(
                    "{} values were sent at {now} ms. They were no full batch, and the time-out had until {right} ms.",
                    batch.len()
                ),
            );
        }
        if now > right {
            self.run.departs(format!(
                "{} values were sent at {now} ms. The time-out had passed at {right} ms.",
                batch.len()
            ));
        }
    }

    #[track_caller]
    fn late(&self, due: u64, during_a_send: bool) -> ! {
        if during_a_send {
            self.run.diagnose(
                "cleared-after-the-work",
                format!(
                    "The batch became full while the last one was being sent. That send ended at {due} ms, and the full batch was not sent then: the sending task slept on, although `full` had been set."
                ),
            );
        }
        self.run.departs(format!(
            "A full batch waited from {due} ms on, no send was in progress, and it was sent later."
        ));
    }

    #[track_caller]
    fn refuse_cut_short(&self) {
        if let Some(event) = self.cut_short.get() {
            self.run.diagnose_at(
                Some(event),
                "write-cancelled",
                "A send was dropped before it had ended, and its values with it.",
            );
        }
    }

    #[track_caller]
    fn at_the_end(&self) {
        self.over.set(true);
        self.refuse_cut_short();
        if let Some((due, during_a_send)) = self.due.take() {
            self.late(due, during_a_send);
        }
        let (waiting, recording) = (self.waiting.borrow().len(), self.recording.get());
        if recording > 0 {
            self.run.departs(format!(
                "{recording} tasks still wait in `record`, seconds after the last send. {waiting} values wait."
            ));
        }
        if waiting > 0 {
            self.run.departs(format!(
                "{waiting} values were never sent, seconds after they had been recorded."
            ));
        }
    }
}
