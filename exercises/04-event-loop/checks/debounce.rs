//! 4.9 debounce: the last value, once it has been quiet.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::time::Duration;

use super::subject::Debounce;
use event_loop::{BoxedTask, EventLoop, Handle, Spawn, Time};
use probe::{Recorder, Run, run, snapshot};
use probe_futures::Sim;
use probe_loop::{SimDriver, Stuck};

/// How long it has to be quiet, in milliseconds.
const QUIET: u64 = 100;

/// More turns than any right answer takes.
const TURNS: usize = 20_000;

/// A loop in a simulated world, and a debounced input on it.
struct World {
    run: Run,
    sim: Sim,
    event_loop: EventLoop<SimDriver>,
    input: RefCell<Option<Rc<Debounce<u32>>>>,
    emitted: Emitted,
    polls: Rc<Cell<usize>>,
    /// How many polls there had been when the last value came.
    polls_before: Cell<usize>,
}

/// The loop's spawner, which counts the polls of what is spawned.
struct CountsPolls {
    handle: Handle,
    polls: Rc<Cell<usize>>,
}

impl Spawn for CountsPolls {
    fn spawn_boxed(&self, mut future: BoxedTask) {
        let polls = Rc::clone(&self.polls);
        let counted = poll_fn(move |context| {
            polls.set(polls.get() + 1);
            future.as_mut().poll(context)
        });
        self.handle.spawn_boxed(Box::pin(counted));
    }

    fn report(&self, problem: &str) {
        Spawn::report(&self.handle, problem);
    }
}

/// What was emitted so far, when, and at which line of the run.
type Emitted = Rc<RefCell<Vec<Emission>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Emission {
    at: u64,
    value: u32,
    event: Option<usize>,
}

#[test]
fn a_value_is_emitted_once_it_has_been_quiet() {
    let world = World::new(run!("one_value"));
    world.push_at(0, 1);
    if let [first, ..] = world.emitted()[..] {
        world.run.diagnose_at(
            first.event,
            "emits-at-once",
            "The value was emitted when it came. Another may follow in a moment, and then this one was not the last.",
        );
    }
    world.wait_until(QUIET - 1);
    world.emits_nothing_yet();
    world.wait_until(QUIET + 1);
    world.has_emitted(&[(QUIET, 1)]);
    world.wait_until(10 * QUIET);
    world.has_emitted(&[(QUIET, 1)]);
    snapshot!(world.run);
}

#[test]
fn of_several_values_only_the_last_is_emitted() {
    let world = World::new(run!("three_values"));
    for (at, value) in [(0, 1), (40, 2), (80, 3)] {
        world.push_at(at, value);
    }
    world.wait_until(10 * QUIET);
    match world.values()[..] {
        [(at, 1)] => {
            world.mark_last();
            world.run.diagnose(
                "first-not-last",
                format!("Three values came, and the first of them was emitted, at {at} ms: the others found one waiting, and were thrown away."),
            )
        }
        [(_, 1), (_, 2), (_, 3)] => world.run.diagnose(
            "every-value-emitted",
            "All three values were emitted, each after its own wait. The first two were followed by another one before it had been quiet.",
        ),
        [(QUIET, 3)] => world.run.diagnose(
            "timer-not-restarted",
            "The last value was emitted 100 ms after the first one came. It came at 80 ms, so it had been quiet for 20 ms: the wait has to \
             begin anew with each value.",
        ),
        [(QUIET, 3), ..] => world.run.diagnose(
            "timer-not-restarted",
            "The last value was emitted 100 ms after the first one came, when it had been quiet for 20 ms, and then something was emitted \
             again.",
        ),
        [(at, 3)] if at == 2 * QUIET => world.run.diagnose_at(
            world.emitted()[0].event,
            "quiet-counted-late",
            "3 came at 80 ms, and was emitted at 200 ms. It had been quiet for 100 ms at 180 ms already. At 100 ms the wait for the first value \
             was over, and from then on another whole 100 ms were waited for, where 80 were left.",
        ),
        _ => world.has_emitted(&[(80 + QUIET, 3)]),
    }
    snapshot!(world.run);
}

#[test]
fn as_long_as_values_come_nothing_is_emitted() {
    let world = World::new(run!());
    for number in 0..20 {
        world.push_at(u64::from(number) * 60, number);
        if let [first, ..] = world.emitted()[..] {
            world.run.diagnose_at(
                first.event,
                "timer-not-restarted",
                "Values come every 60 ms, and one was emitted in between. It has never been quiet for 100 ms: the wait has to begin anew with \
                 each value.",
            );
        }
    }
    world.wait_until(19 * 60 + 2 * QUIET);
    world.has_emitted(&[(19 * 60 + QUIET, 19)]);
}

#[test]
fn after_a_value_was_emitted_the_next_ones_count_anew() {
    let world = World::new(run!());
    world.push_at(0, 1);
    world.push_at(250, 2);
    world.push_at(300, 3);
    world.wait_until(1_000);
    if world.values() == [(QUIET, 1)] {
        world.run.diagnose(
            "ends-after-the-first",
            "The first value was emitted, and after that nothing: whatever emits them has come to its end, and the input has not.",
        );
    }
    world.has_emitted(&[(QUIET, 1), (300 + QUIET, 3)]);
    world.push_at(1_500, 4);
    world.wait_until(3_000);
    world.has_emitted(&[(QUIET, 1), (300 + QUIET, 3), (1_500 + QUIET, 4)]);
}

#[test]
fn a_thousand_values_need_one_timer() {
    let world = World::new(run!());
    world
        .run
        .recorder()
        .says("input", "push(0) … push(999), within 50 ms");
    for number in 0..1_000 {
        world.wait_until(u64::from(number) / 20);
        world.push(number);
    }
    world.wait_until(49);
    let (timers, tasks) = (world.event_loop.timers(), world.event_loop.tasks());
    world.run.recorder().says(
        "loop",
        format!(
            "has {}, {}",
            counted(tasks, "task"),
            counted(timers, "timer")
        ),
    );
    if timers > 1 || tasks > 3 {
        world.run.diagnose(
            "timer-leaked",
            format!(
                "A thousand values came in 50 ms, and the loop has {} and {} for them. Each value has left something behind that waits until \
                 its time has come, though it is the last value's that counts.",
                counted(timers, "timer"),
                counted(tasks, "task")
            ),
        );
    }
    world.wait_until(1_000);
    world.has_emitted(&[(49 + QUIET, 999)]);
}

#[test]
fn while_no_value_waits_there_is_no_timer() {
    let world = World::new(run!());
    world.wait_until(50);
    world.expects_no_timer("Nothing has come yet");
    world.push_at(60, 1);
    world.wait_until(60 + QUIET + 1);
    world.expects_no_timer("The value was emitted");
}

#[test]
fn at_the_end_of_the_input_what_waits_is_emitted_at_once() {
    let world = World::new(run!("the_end"));
    world.push_at(0, 1);
    world.push_at(30, 2);
    world.wait_until(50);
    world.end_input();
    world.wait_until(1_000);
    match world.values()[..] {
        [] => world.run.diagnose(
            "value-lost-at-the-end",
            "The input ended while 2 was waiting, and it was never emitted. Nobody else has it: it was the last word.",
        ),
        [(130, 2)] => {
            world.mark_last();
            world.run.diagnose(
                "waits-out-the-quiet",
                "The input ended at 50 ms, and the value was emitted at 130 ms. When nothing more can come there is nothing to wait for.",
            )
        }
        _ => world.has_emitted(&[(50, 2)]),
    }
    snapshot!(world.run);
}

#[test]
fn after_the_end_nothing_is_left() {
    for (name, pushes) in [
        ("nothing came", 0),
        ("a value waits", 1),
        ("a value was emitted", 2),
    ] {
        let world = World::new(run!());
        match pushes {
            0 => world.wait_until(10),
            1 => world.push_at(10, 1),
            _ => {
                world.push_at(10, 1);
                world.wait_until(500);
            }
        }
        world.run.recorder().says("check", name);
        world.end_input();
        let now = world.now();
        world.wait_until(now + 10);
        let (timers, tasks) = (world.event_loop.timers(), world.event_loop.tasks());
        world.run.recorder().says(
            "loop",
            format!(
                "has {}, {}",
                counted(tasks, "task"),
                counted(timers, "timer")
            ),
        );
        if tasks > 0 {
            world.run.diagnose(
                "task-left-behind",
                format!(
                    "The input has ended ({name} before that), and the loop still has {}. It waits for something that cannot come any more, \
                     and nobody has told it.",
                    counted(tasks, "task")
                ),
            );
        }
        if timers > 0 {
            world.run.diagnose(
                "timer-leaked",
                format!(
                    "The input has ended, and {} still set.",
                    if timers == 1 {
                        "a timer is"
                    } else {
                        "timers are"
                    }
                ),
            );
        }
    }
}

#[test]
fn what_is_emitted_may_lead_to_the_next_value() {
    let world = World::new(run!());
    let panicked = Rc::new(RefCell::new(None));
    let report = Rc::clone(&panicked);
    world.event_loop.on_unretrieved(move |unretrieved| {
        *report.borrow_mut() = Some(unretrieved.to_string());
    });
    world.answer_with(7);
    world.push_at(0, 1);
    world.wait_until(1_000);
    if let Some(message) = panicked.take() {
        if message.contains("borrowed") {
            world.run.diagnose(
                "borrowed-while-calling",
                "`emit` pushed a value, and that panicked: something is still borrowed while `emit` runs. It is somebody else's code, and may \
                 come back.",
            );
        }
        world.run.departs(format!(
            "`emit` pushed a value, and something panicked: {message}."
        ));
    }
    world.has_emitted(&[(QUIET, 1), (2 * QUIET, 7)]);
}

#[test]
fn what_is_emitted_may_lead_to_the_last_value() {
    let world = World::new(run!());
    world.answer_with(7);
    world.push_at(0, 1);
    // From now on only the one who is called by `emit` has the input: it pushes, and drops it.
    drop(world.input.take());
    world.wait_until(1_000);
    if world.values() == [(QUIET, 1)] {
        world.run.diagnose(
            "value-lost-at-the-end",
            "While 1 was being emitted, 7 was pushed, and the input ended. 7 was never emitted: whoever sees that the input has ended has to \
             look once more whether a value waits.",
        );
    }
    world.has_emitted(&[(QUIET, 1), (QUIET, 7)]);
}

#[test]
fn the_quiet_begins_when_the_value_comes_also_while_somebody_is_busy() {
    let world = World::new(run!());
    world.wait_until(10);
    world.run.recorder().says("input", "push(1)");
    world.push(1);
    world.is_busy_until(40);
    world.wait_until(1_000);
    if let [
        Emission {
            at: 140,
            value: 1,
            event,
        },
    ] = world.emitted()[..]
    {
        world.run.diagnose_at(
            event,
            "quiet-counted-late",
            "1 came at 10 ms, and was emitted at 140 ms. It had been quiet for 100 ms at 110 ms already. At 40 ms the task had its next turn, and \
             the quiet was counted from then on, and not from when the value came.",
        );
    }
    world.has_emitted(&[(10 + QUIET, 1)]);
}

impl World {
    fn new(run: Run) -> World {
        let sim = Sim::new(&run);
        let event_loop = EventLoop::with_driver(SimDriver::new(&sim));
        let handle = event_loop.handle();
        let emitted = Emitted::default();
        let emit = emit(run.recorder(), &handle, &emitted);
        let quiet = Duration::from_millis(QUIET);
        let polls: Rc<Cell<usize>> = Rc::default();
        let spawner = CountsPolls {
            handle: handle.clone(),
            polls: Rc::clone(&polls),
        };
        let input = Debounce::new(&spawner, handle, quiet, emit);
        World {
            run,
            sim,
            event_loop,
            input: RefCell::new(Some(Rc::new(input))),
            emitted,
            polls,
            polls_before: Cell::new(0),
        }
    }

    /// Somebody keeps the loop's thread busy until then: no task is polled meanwhile.
    fn is_busy_until(&self, millis: u64) {
        self.run.recorder().says(
            "another task",
            format!("computes until {millis}ms, and nobody is polled"),
        );
        self.sim.advance_to(Duration::from_millis(millis));
    }

    /// From now on the first value that is emitted is answered with another one.
    fn answer_with(&self, answer: u32) {
        let handle = self.event_loop.handle();
        let mut emit = emit(self.run.recorder(), &handle, &self.emitted);
        let input: Rc<RefCell<Option<Rc<Debounce<u32>>>>> = Rc::default();
        let pushes = Rc::clone(&input);
        let recorder = self.run.recorder().clone();
        let answering = move |value| {
            emit(value);
            // It is pushed once, and the input is given back.
            if let Some(input) = pushes.take() {
                recorder.says("input", format!("push({answer})"));
                input.push(answer);
            }
        };
        let quiet = Duration::from_millis(QUIET);
        let spawner = CountsPolls {
            handle: handle.clone(),
            polls: Rc::clone(&self.polls),
        };
        let debounce = Rc::new(Debounce::new(&spawner, handle, quiet, answering));
        *input.borrow_mut() = Some(Rc::clone(&debounce));
        self.input.replace(Some(debounce));
    }

    fn now(&self) -> u64 {
        millis(self.event_loop.handle().now())
    }

    /// Pushes a value, when its time has come.
    #[track_caller]
    fn push_at(&self, at: u64, value: u32) {
        self.wait_until(at);
        self.run.recorder().says("input", format!("push({value})"));
        self.push(value);
        self.wait_until(at);
    }

    fn push(&self, value: u32) {
        self.polls_before.set(self.polls.get());
        if let Some(input) = &*self.input.borrow() {
            input.push(value);
        }
    }

    #[track_caller]
    fn end_input(&self) {
        self.run.recorder().says("input", "ends");
        let before = self.emitted().len();
        drop(self.input.take());
        if self.emitted().len() > before {
            self.run.departs("The value was emitted inside of the destructor. That is the task's business, in the loop's next turns.");
        }
    }

    /// Runs the loop until its clock shows this, and nothing is ready any more.
    #[track_caller]
    fn wait_until(&self, millis: u64) {
        let when = Time::after_start(Duration::from_millis(millis));
        let handle = self.event_loop.handle();
        let done = Rc::new(());
        let watch = Rc::downgrade(&done);
        drop(handle.spawn({
            let handle = handle.clone();
            async move {
                if handle.now() < when {
                    handle.sleep_until(when).await;
                }
                // Whatever is ready at this moment, and what that makes ready, has its turn.
                for _ in 0..10 {
                    event_loop::yield_now().await;
                }
                drop(done);
            }
        }));
        for _ in 0..TURNS {
            if watch.strong_count() == 0 {
                return;
            }
            if let Err(error) = self.event_loop.run_once() {
                assert!(Stuck::of(&error).is_some(), "{error}");
                return;
            }
        }
        self.run.diagnose(
            "busy-poll",
            format!(
                "The loop took {TURNS} turns while a second or less has passed. The task is woken again and again before there is something to do: \
                 it wakes itself, or begins a sleep that is over at once."
            ),
        );
    }

    fn emitted(&self) -> Vec<Emission> {
        self.emitted.borrow().clone()
    }

    fn values(&self) -> Vec<(u64, u32)> {
        let value = |emission: &Emission| (emission.at, emission.value);
        self.emitted.borrow().iter().map(value).collect()
    }

    /// The run ends with what was emitted last, so that it is what is marked.
    fn mark_last(&self) {
        if let Some(last) = self.emitted().last() {
            self.run.recorder().says(
                "check",
                format!("{} was emitted at {} ms", last.value, last.at),
            );
        }
    }

    #[track_caller]
    fn emits_nothing_yet(&self) {
        if let Some(early) = self.emitted().first() {
            self.run.departs_at(
                early.event,
                format!(
                    "It was emitted after {} ms, and it was to be quiet for {QUIET}.",
                    early.at
                ),
            );
        }
    }

    #[track_caller]
    fn has_emitted(&self, expected: &[(u64, u32)]) {
        let values = self.values();
        let all = self.emitted();
        if let Some(index) =
            (0..values.len()).find(|&index| values.get(index) != expected.get(index))
        {
            let (at, value) = values[index];
            self.run.departs_at(
                all[index].event,
                match expected.get(index) {
                    Some((when, wanted)) => format!(
                        "{value} was emitted at {at} ms; {wanted} was to be emitted at {when} ms."
                    ),
                    None => format!(
                        "{value} was emitted at {at} ms, after everything had been emitted."
                    ),
                },
            );
        }
        if let Some((when, wanted)) = expected.get(values.len()) {
            if values.is_empty() && self.polls.get() == self.polls_before.get() {
                self.run.diagnose(
                    "forgot-to-wake",
                    format!(
                        "{wanted} was to be emitted at {when} ms, and the task that emits has not been polled since it came: `push` has put it \
                         in, and woken nobody."
                    ),
                );
            }
            self.run.departs(format!(
                "{wanted} was to be emitted at {when} ms, and by {} ms it has not been.",
                self.now()
            ));
        }
    }

    #[track_caller]
    fn expects_no_timer(&self, when: &str) {
        let timers = self.event_loop.timers();
        if timers > 0 {
            self.run.diagnose(
                "timer-leaked",
                format!(
                    "{when}, and {} still set: the loop gets up for nothing.",
                    if timers == 1 {
                        "a timer is"
                    } else {
                        "timers are"
                    }
                ),
            );
        }
    }
}

/// What the checks have emitted values go to.
fn emit(recorder: &Recorder, handle: &Handle, emitted: &Emitted) -> impl FnMut(u32) + use<> {
    let (recorder, handle, emitted) = (recorder.clone(), handle.clone(), Rc::clone(emitted));
    move |value| {
        recorder.says("output", format!("emits {value}"));
        emitted.borrow_mut().push(Emission {
            at: millis(handle.now()),
            value,
            event: recorder.last_event(),
        });
    }
}

fn millis(time: Time) -> u64 {
    u64::try_from(time.since_start().as_millis()).unwrap_or(u64::MAX)
}

fn counted(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}
