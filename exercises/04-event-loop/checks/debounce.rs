//! debounce: the last value is emitted when no other has come for a time.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

use super::subject::Debounce;
use event_loop::{BoxedTask, EventLoop, Handle, Spawn, Time};
use probe::detect::DropCounter;
use probe::random::Random;
use probe::{Recorder, Run, run, snapshot};
use probe_futures::Sim;
use probe_loop::{SimDriver, Stuck};

/// For how long no other value may come, in milliseconds.
const QUIET: u64 = 100;

/// More iterations than any right answer takes.
const TURNS: usize = 20_000;

/// A loop in a simulated world, and a debounced input on it.
struct World {
    run: Run,
    sim: Sim,
    event_loop: EventLoop<SimDriver>,
    input: RefCell<Option<Rc<Debounce<u32>>>>,
    emitted: Emitted,
    polls: Rc<Cell<usize>>,
    /// The waker of the task that was polled last.
    waker: Rc<RefCell<Option<Waker>>>,
    /// How many polls there had been when the last value was pushed.
    polls_before: Cell<usize>,
}

/// The loop's spawner, which counts the polls of each task and keeps its waker.
struct CountsPolls {
    handle: Handle,
    polls: Rc<Cell<usize>>,
    waker: Rc<RefCell<Option<Waker>>>,
}

impl Spawn for CountsPolls {
    fn spawn_boxed(&self, mut future: BoxedTask) {
        let (polls, waker) = (Rc::clone(&self.polls), Rc::clone(&self.waker));
        let counted = poll_fn(move |context| {
            polls.set(polls.get() + 1);
            let _older = waker.replace(Some(context.waker().clone()));
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
fn a_value_is_emitted_100_ms_after_its_push() {
    let world = World::new(run!("one_value"));
    world.push_at(0, 1);
    if let [first, ..] = world.emitted()[..] {
        world.run.diagnose_at(
            first.event,
            "emits-at-once",
            "The value was emitted when it was pushed. Another one may follow within 100 ms, and then this one was not the last.",
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
                format!("1, 2 and 3 were pushed at 0, 40 and 80 ms, and only 1 was emitted, at {at} ms. A new value takes the place of the waiting one."),
            )
        }
        [(_, 1), (_, 2), (_, 3)] => world.run.diagnose(
            "every-value-emitted",
            "1, 2 and 3 were pushed at 0, 40 and 80 ms, and all three were emitted. 1 and 2 were followed by another value within 100 ms.",
        ),
        [(QUIET, 3)] => world.run.diagnose(
            "timer-not-restarted",
            "3 was pushed at 80 ms and emitted at 100 ms, 100 ms after the first value. The 100 ms count from the last push: 180 ms is \
             expected.",
        ),
        [(QUIET, 3), ..] => world.run.diagnose(
            "timer-not-restarted",
            "3 was pushed at 80 ms and emitted at 100 ms, 100 ms after the first value, and then a value was emitted again. The 100 ms \
             count from the last push.",
        ),
        [(at, 3)] if at == 2 * QUIET => world.run.diagnose_at(
            world.emitted()[0].event,
            "quiet-counted-late",
            "3 was pushed at 80 ms and emitted at 200 ms; 180 ms is expected. The timer of the first value fired at 100 ms, and from \
             then on 80 ms were left, not another 100.",
        ),
        _ => world.has_emitted(&[(80 + QUIET, 3)]),
    }
    snapshot!(world.run);
}

#[test]
fn while_values_come_every_60_ms_none_is_emitted() {
    let world = World::new(run!());
    for number in 0..20 {
        world.push_at(u64::from(number) * 60, number);
        if let [first, ..] = world.emitted()[..] {
            world.run.diagnose_at(
                first.event,
                "timer-not-restarted",
                "Values are pushed every 60 ms, and one was emitted in between. The 100 ms count from the last push.",
            );
        }
    }
    world.wait_until(19 * 60 + 2 * QUIET);
    world.has_emitted(&[(19 * 60 + QUIET, 19)]);
}

#[test]
fn values_pushed_after_an_emission_are_emitted_as_well() {
    let world = World::new(run!());
    world.push_at(0, 1);
    world.push_at(250, 2);
    world.push_at(300, 3);
    world.wait_until(1_000);
    if world.values() == [(QUIET, 1)] {
        world.run.diagnose(
            "ends-after-the-first",
            "The first value was emitted, and no value after it. The task must run until the input ends.",
        );
    }
    world.has_emitted(&[(QUIET, 1), (300 + QUIET, 3)]);
    world.push_at(1_500, 4);
    world.wait_until(3_000);
    world.has_emitted(&[(QUIET, 1), (300 + QUIET, 3), (1_500 + QUIET, 4)]);
}

#[test]
fn a_thousand_values_set_at_most_one_timer_at_a_time() {
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
                "A thousand values were pushed in 50 ms, and the loop has {} and {}. At most one timer is allowed.",
                counted(timers, "timer"),
                counted(tasks, "task")
            ),
        );
    }
    world.wait_until(1_000);
    world.has_emitted(&[(49 + QUIET, 999)]);
}

#[test]
fn while_no_value_waits_no_timer_is_set() {
    let world = World::new(run!());
    world.wait_until(50);
    world.expects_no_timer("No value has been pushed yet");
    world.push_at(60, 1);
    world.wait_until(60 + QUIET + 1);
    world.expects_no_timer("The value was emitted");
}

#[test]
fn at_the_end_of_the_input_a_waiting_value_is_emitted_at_once() {
    let world = World::new(run!("the_end"));
    world.push_at(0, 1);
    world.push_at(30, 2);
    world.wait_until(50);
    world.end_input();
    world.wait_until(1_000);
    match world.values()[..] {
        [] => world.run.diagnose(
            "value-lost-at-the-end",
            "The input ended while 2 was waiting, and 2 was never emitted.",
        ),
        [(130, 2)] => {
            world.mark_last();
            world.run.diagnose(
                "waits-out-the-quiet",
                "The input ended at 50 ms, and 2 was emitted at 130 ms; 50 ms is expected. After the end no other value can come.",
            )
        }
        _ => world.has_emitted(&[(50, 2)]),
    }
    snapshot!(world.run);
}

#[test]
fn after_the_end_no_task_and_no_timer_is_left() {
    for (name, pushes) in [
        ("no value was pushed", 0),
        ("a value was waiting", 1),
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
                    "The input has ended ({name} before that), and the loop still has {}. No value can come any more, and the task has not \
                     completed.",
                    counted(tasks, "task")
                ),
            );
        }
        if timers > 0 {
            world.run.diagnose(
                "timer-leaked",
                format!(
                    "The input has ended, and {} set.",
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
fn emit_may_push_a_value() {
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
                "`emit` pushed a value, and `push` panicked: the state is borrowed while `emit` runs. `emit` is caller-supplied code, which \
                 may call `push`.",
            );
        }
        world.run.departs(format!(
            "`emit` pushed a value, and the loop reported a panic: {message}."
        ));
    }
    world.has_emitted(&[(QUIET, 1), (2 * QUIET, 7)]);
}

#[test]
fn emit_may_push_a_value_and_drop_the_input() {
    let world = World::new(run!());
    world.answer_with(7);
    world.push_at(0, 1);
    // From now on only `emit` has the input: it pushes, and drops it.
    drop(world.input.take());
    world.wait_until(1_000);
    if world.values() == [(QUIET, 1)] {
        world.run.diagnose(
            "value-lost-at-the-end",
            "While 1 was emitted, 7 was pushed and the input ended. 7 was never emitted: a value may wait when the task sees the end of \
             the input.",
        );
    }
    world.has_emitted(&[(QUIET, 1), (QUIET, 7)]);
}

#[test]
fn the_100_ms_count_from_the_push_even_if_the_task_is_polled_later() {
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
            "1 was pushed at 10 ms and emitted at 140 ms; 110 ms is expected. The task was polled at 40 ms, and the 100 ms were counted \
             from that poll.",
        );
    }
    world.has_emitted(&[(10 + QUIET, 1)]);
}

#[test]
fn a_spurious_poll_emits_nothing() {
    let world = World::new(run!());
    world.push_at(0, 1);
    for at in [20, 70] {
        world.wait_until(at);
        world.spurious_poll();
    }
    world.wait_until(QUIET - 1);
    world.emits_nothing_yet();
    world.wait_until(1_000);
    world.has_emitted(&[(QUIET, 1)]);
}

#[test]
fn after_65537_values_the_timer_of_the_first_emits_none() {
    for values in [257, 65_537] {
        let world = World::new(run!());
        world.push_at(0, 1);
        world.wait_until(60);
        let text = format!("push(2) … push({values})");
        world.run.recorder().says("input", text);
        for value in 2..=values {
            world.push(value);
        }
        world.wait_until(1_000);
        world.has_emitted(&[(60 + QUIET, values)]);
    }
}

#[test]
fn the_time_may_be_zero_and_may_have_no_end() {
    let world = World::with_quiet(run!(), Duration::ZERO);
    world.push_at(10, 1);
    world.push_at(20, 2);
    world.wait_until(30);
    world.has_emitted(&[(10, 1), (20, 2)]);
    let world = World::with_quiet(run!(), Duration::MAX);
    world.push_at(10, 1);
    world.push_at(20, 2);
    world.wait_until(3_600_000);
    world.emits_nothing_yet();
    world.end_input();
    world.wait_until(3_600_010);
    world.has_emitted(&[(3_600_000, 2)]);
}

#[test]
fn no_value_outlives_its_emission_or_the_input() {
    for ends_early in [false, true] {
        let run = run!();
        let event_loop = EventLoop::with_driver(SimDriver::new(&Sim::new(&run)));
        let handle = event_loop.handle();
        let tokens = DropCounter::new();
        let input = Debounce::new(&handle, handle.clone(), Duration::from_millis(QUIET), drop);
        for _ in 0..3 {
            input.push(tokens.token());
        }
        run.recorder().says("input", "push, of three values");
        let input = if ends_early {
            drop(input);
            None
        } else {
            Some(input)
        };
        for _ in 0..TURNS {
            if event_loop.run_once().is_err() {
                break; // Stuck: no timer is left.
            }
        }
        run.recorder()
            .says("check", format!("{} values are alive", tokens.alive()));
        if tokens.alive() > 0 {
            run.departs(format!(
                "Three values were pushed, the last one was emitted, {}and {} of them are still alive.",
                if ends_early { "the input has ended, " } else { "" },
                tokens.alive()
            ));
        }
        drop(input);
    }
}

/// What happens in a short script, some milliseconds after the step before.
#[derive(Debug, Clone, Copy)]
enum Step {
    Push(u64),
    SpuriousPoll(u64),
}

#[test]
fn in_every_short_script_each_value_is_emitted_in_its_time() {
    let letters = [10, 60, 130]
        .into_iter()
        .flat_map(|gap| [Step::Push(gap), Step::SpuriousPoll(gap)])
        .collect::<Vec<_>>();
    let mut scripts: Vec<Vec<Step>> = vec![Vec::new()];
    for _ in 0..3 {
        scripts = scripts
            .iter()
            .flat_map(|script| letters.iter().map(|step| [&script[..], &[*step]].concat()))
            .collect();
        for script in &scripts {
            try_script(script);
        }
    }
    let mut random = Random::seeded(49);
    for _ in 0..100 {
        let script: Vec<Step> = (0..8).map(|_| *random.pick(&letters)).collect();
        try_script(&script);
    }
}

/// Plays a script, ends the input 10 ms later, and compares the emissions with those of the contract.
fn try_script(script: &[Step]) {
    let world = World::new(run!());
    let (mut now, mut expected) = (0, Vec::new());
    let mut waiting = None;
    let mut value = 0;
    let emit_due = |waiting: &mut Option<(u64, u32)>, now: u64, expected: &mut Vec<(u64, u32)>| {
        if let Some((due, value)) = waiting.take_if(|(due, _)| *due < now) {
            expected.push((due, value));
        }
    };
    for step in script {
        match *step {
            Step::Push(gap) => {
                now += gap;
                value += 1;
                emit_due(&mut waiting, now, &mut expected);
                waiting = Some((now + QUIET, value));
                world.push_at(now, value);
            }
            Step::SpuriousPoll(gap) => {
                now += gap;
                world.wait_until(now);
                world.spurious_poll();
            }
        }
    }
    now += 15;
    emit_due(&mut waiting, now, &mut expected);
    world.wait_until(now);
    world.end_input();
    expected.extend(waiting.map(|(_, value)| (now, value)));
    world.wait_until(now + 2 * QUIET);
    world.has_emitted(&expected);
    if world.event_loop.tasks() > 0 {
        world.run.diagnose(
            "task-left-behind",
            "The input has ended, and the task has not completed.",
        );
    }
}

impl World {
    fn new(run: Run) -> World {
        World::with_quiet(run, Duration::from_millis(QUIET))
    }

    fn with_quiet(run: Run, quiet: Duration) -> World {
        let sim = Sim::new(&run);
        let event_loop = EventLoop::with_driver(SimDriver::new(&sim));
        let handle = event_loop.handle();
        let emitted = Emitted::default();
        let emit = emit(run.recorder(), &handle, &emitted);
        let polls: Rc<Cell<usize>> = Rc::default();
        let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
        let spawner = CountsPolls {
            handle: handle.clone(),
            polls: Rc::clone(&polls),
            waker: Rc::clone(&waker),
        };
        let input = Debounce::new(&spawner, handle, quiet, emit);
        World {
            run,
            sim,
            event_loop,
            input: RefCell::new(Some(Rc::new(input))),
            emitted,
            polls,
            waker,
            polls_before: Cell::new(0),
        }
    }

    /// Another task keeps the loop's thread busy until then: no task is polled meanwhile.
    fn is_busy_until(&self, millis: u64) {
        self.run.recorder().says(
            "another task",
            format!("computes until {millis}ms, and no task is polled"),
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
            // It is pushed once, and then the input is dropped here.
            if let Some(input) = pushes.take() {
                recorder.says("input", format!("push({answer})"));
                input.push(answer);
            }
        };
        let quiet = Duration::from_millis(QUIET);
        let spawner = CountsPolls {
            handle: handle.clone(),
            polls: Rc::clone(&self.polls),
            waker: Rc::clone(&self.waker),
        };
        let debounce = Rc::new(Debounce::new(&spawner, handle, quiet, answering));
        *input.borrow_mut() = Some(Rc::clone(&debounce));
        self.input.replace(Some(debounce));
    }

    /// The task is polled, although nothing has happened.
    fn spurious_poll(&self) {
        self.run
            .recorder()
            .says("task", "is polled, although nothing has happened");
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
        self.wait_until(self.now());
    }

    fn now(&self) -> u64 {
        millis(self.event_loop.handle().now())
    }

    /// Pushes a value at this time.
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
            self.run.departs("The value was emitted inside the destructor. The task emits it, in the loop's next iterations.");
        }
    }

    /// Runs the loop until its clock shows this time, and no task is ready any more.
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
                // The tasks that are ready now, and those that they wake, run first.
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
                "The loop ran {TURNS} iterations before its clock showed {millis} ms. The task is polled again and again while no value is \
                 due: it wakes itself, or awaits a sleep that completes at once."
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

    /// The run ends with the last emission, so that this line is marked.
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
                    "The value was emitted after {} ms; {QUIET} ms is expected.",
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
                    Some((when, wanted)) => {
                        format!("{value} was emitted at {at} ms. Expected: {wanted} at {when} ms.")
                    }
                    None => {
                        format!("{value} was emitted at {at} ms, and no emission is expected then.")
                    }
                },
            );
        }
        if let Some((when, wanted)) = expected.get(values.len()) {
            if values.is_empty() && self.polls.get() == self.polls_before.get() {
                self.run.diagnose(
                    "forgot-to-wake",
                    format!(
                        "{wanted} was not emitted at {when} ms, and the task has not been polled since the push: `push` did not wake it."
                    ),
                );
            }
            self.run.departs(format!(
                "{wanted} was not emitted at {when} ms. It is {} ms now.",
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
                    "{when}, and {} set: the loop will end a sleep for it without a value to emit.",
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

/// Records the emitted values.
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
