//! 1.8 round-robin: tasks that take turns.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::subject::{RoundRobin, Turn};
use generators::{Generator, Step};
use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Operation, Search, Step as Seen};
use probe::{Event, Run, What, panics, run, snapshot};
use probe_generators::{script, spy};

type Tasks = RoundRobin<u32, &'static str>;

#[test]
fn spawning_gives_numbers_and_resumes_nobody() {
    let run = run!("three_spawned");
    let mut tasks = Tasks::new();
    let numbers = ["a", "b", "c"].map(|lane| spawn(&run, &mut tasks, lane, 1));
    if !resumed(&run).is_empty() {
        run.diagnose_at(
            Some(entered(&run, 0)),
            "eager-start",
            "A task was resumed inside `spawn`. `turn` had not been called yet.",
        );
    }
    if let Some(wrong) = (0..3).find(|&index| numbers[index] != index) {
        run.departs_at(
            Some(wrong),
            format!("The first three tasks should be numbered 0, 1 and 2; they are {numbers:?}."),
        );
    }
    snapshot!(run);
}

#[test]
fn without_tasks_there_is_no_turn() {
    let run = run!("no_tasks");
    let mut tasks = Tasks::new();
    for _ in 0..2 {
        let call = run.recorder().enters("caller", "turn()");
        match turn(&run, &mut tasks) {
            None => call.returns("None"),
            Some(turn) => {
                call.returns(format!("{turn:?}"));
                run.departs(
                    "No task was spawned, so `turn` returns `None`, however often it is called.",
                );
            }
        }
    }
    snapshot!(run);
}

#[test]
fn three_tasks_take_turns() {
    let run = run!("three_tasks");
    let mut tasks = Tasks::new();
    for lane in ["a", "b", "c"] {
        spawn(&run, &mut tasks, lane, 2);
    }
    let order = turns(&run, &mut tasks, 12);
    expect(&run, &["a", "b", "c"], &order, &[0, 1, 2, 0, 1, 2, 0, 1, 2]);
    snapshot!(run);
}

#[test]
fn a_task_that_finishes_costs_its_neighbour_no_turn() {
    let run = run!("one_leaves_early");
    let mut tasks = Tasks::new();
    for (lane, yields) in [("a", 2), ("b", 0), ("c", 2), ("d", 2)] {
        spawn(&run, &mut tasks, lane, yields);
    }
    let order = turns(&run, &mut tasks, 14);
    expect(
        &run,
        &["a", "b", "c", "d"],
        &order,
        &[0, 1, 2, 3, 0, 2, 3, 0, 2, 3],
    );
    snapshot!(run);
}

#[test]
fn a_task_that_is_spawned_later_waits_behind_the_others() {
    let run = run!("one_comes_later");
    let mut tasks = Tasks::new();
    spawn(&run, &mut tasks, "a", 2);
    spawn(&run, &mut tasks, "b", 2);
    let first = turns(&run, &mut tasks, 1);
    let number = spawn(&run, &mut tasks, "late", 1);
    let later = turns(&run, &mut tasks, 8);
    if number != 2 {
        run.departs(format!(
            "The third task should have the number 2; it has {number}."
        ));
    }
    let order = [first, later].concat();
    expect(&run, &["a", "b", "late"], &order, &[0, 1, 0, 2, 1, 0, 2, 1]);
    snapshot!(run);
}

#[test]
fn a_number_is_given_only_once() {
    let run = run!("three_numbers");
    let mut tasks = Tasks::new();
    spawn(&run, &mut tasks, "a", 1);
    turns(&run, &mut tasks, 1);
    let second = spawn(&run, &mut tasks, "b", 0);
    turns(&run, &mut tasks, 3);
    let third = spawn(&run, &mut tasks, "c", 0);
    for (lane, number, right) in [("b", second, 1), ("c", third, 2)] {
        if number > right {
            run.departs_at(
                spawned(&run, lane),
                format!("{lane} should have got the number {right}; it has {number}."),
            );
        }
        if number < right {
            run.diagnose_at(
                spawned(&run, lane),
                "number-given-again",
                format!(
                    "{lane} got the number {number}, and should have got {right}. Code that remembers {number} means the task that had \
                     it first: a number says who a task is, and is given once, whoever has finished in the meantime.",
                ),
            );
        }
    }
    snapshot!(run);
}

#[test]
fn a_finished_task_is_dropped_at_once() {
    let run = run!("a_finished_task");
    let mut tasks = Tasks::new();
    let held = DropCounter::new();
    let token = held.token().in_track(run.recorder(), "what a owns");
    let number = tasks.spawn(Box::new(spy(&run, "a", Holding(token))));
    run.recorder()
        .says("caller", format!("spawns a, number {number}"));
    spawn(&run, &mut tasks, "other", 1);
    turn(&run, &mut tasks);
    run.recorder().says("caller", "hears of it");
    if held.alive() > 0 {
        run.diagnose(
            "finished-task-kept",
            "The task has finished, and everything it owns is still there: it should be dropped before `turn` returns.",
        );
    }
    snapshot!(run);
}

#[test]
fn two_endless_tasks_never_differ_by_more_than_one_turn() {
    let run = run!();
    let mut tasks = Tasks::new();
    spawn(&run, &mut tasks, "a", 1_000);
    spawn(&run, &mut tasks, "b", 1_000);
    let order = turns(&run, &mut tasks, 100);
    for turns in 1..=order.len() {
        let of_a = order[..turns].iter().filter(|task| **task == 0).count();
        if of_a.abs_diff(turns - of_a) > 1 {
            unfair(&run, &["a", "b"], &[0, 1].repeat(50));
        }
    }
}

#[test]
fn every_short_run_of_spawns_and_turns_goes_as_the_contract_says() {
    let run = run!();
    let alphabet = [Do::Spawn(0), Do::Spawn(1), Do::Spawn(3), Do::Turn];
    Search::of(&alphabet)
        .up_to(6)
        .and_random(60, 80, 11)
        .compare(&run, Yours::default, Model::default);
}

#[test]
fn three_hundred_tasks_and_seventy_thousand_numbers_are_told_apart() {
    let run = run!();
    let (mut tasks, mut model) = (Tasks::new(), Model::default());
    for number in 0..70_000_usize {
        let spawns = if number < 300 { 1 } else { 2 };
        let got = tasks.spawn(Box::new(script(1..=number as u32 % spawns, "done")));
        model.spawn(number as u32 % spawns);
        if got != number {
            run.recorder().says(
                "caller",
                format!("spawns a task after {number} others: number {got}"),
            );
            run.departs(format!("The task that was spawned after {number} others got the number {got}; expected: {number}."));
        }
        if number >= 300 {
            expect_turn(&run, &mut tasks, &mut model);
        }
    }
    while model.waiting() {
        expect_turn(&run, &mut tasks, &mut model);
    }
}

#[track_caller]
fn expect_turn(run: &Run, tasks: &mut Tasks, model: &mut Model) {
    let (seen, right) = (tasks.turn(), model.turn());
    if seen != right {
        run.recorder().says("caller", format!("turn() → {seen:?}"));
        run.departs(format!(
            "A turn came back as {seen:?}; expected: {right:?}."
        ));
    }
}

/// What a caller does.
#[derive(Clone)]
enum Do {
    /// Spawns a task that yields so often.
    Spawn(u32),
    Turn,
}

impl Operation for Do {
    fn actor(&self) -> Cow<'static, str> {
        "caller".into()
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Do::Spawn(yields) => format!("spawns a task that yields {yields} times").into(),
            Do::Turn => "turn()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Do::Spawn(yields) => format!("a task was spawned that yields {yields} times").into(),
            Do::Turn => "a turn was taken".into(),
        }
    }
}

/// The learner's trampoline.
#[derive(Default)]
struct Yours {
    tasks: Tasks,
    values: DropCounter,
}

impl Machine for Yours {
    type Operation = Do;

    fn apply(&mut self, operation: &Do) -> Option<Seen> {
        let seen = match operation {
            Do::Spawn(yields) => {
                let task = Counting(script(1..=*yields, "done"), self.values.token());
                format!("number {}", self.tasks.spawn(Box::new(task)))
            }
            Do::Turn => format!("{:?}", self.tasks.turn()),
        };
        Some(Seen::of(seen).fact("tasks", format!("{} are alive", self.values.alive())))
    }

    fn end(self) -> Seen {
        drop(self.tasks);
        Seen::of("dropped").fact("tasks", format!("{} are alive", self.values.alive()))
    }
}

/// What the contract says, with a plain queue of numbers.
#[derive(Default)]
struct Model {
    queue: VecDeque<(usize, u32, u32)>,
    spawned: usize,
}

impl Model {
    fn spawn(&mut self, yields: u32) -> usize {
        self.queue.push_back((self.spawned, 0, yields));
        self.spawned += 1;
        self.spawned - 1
    }

    fn waiting(&self) -> bool {
        !self.queue.is_empty()
    }

    fn turn(&mut self) -> Option<Turn<u32, &'static str>> {
        let (task, given, yields) = self.queue.pop_front()?;
        if given == yields {
            return Some(Turn::Finished {
                task,
                result: "done",
            });
        }
        self.queue.push_back((task, given + 1, yields));
        Some(Turn::Yielded {
            task,
            value: given + 1,
        })
    }
}

impl Machine for Model {
    type Operation = Do;

    fn apply(&mut self, operation: &Do) -> Option<Seen> {
        let seen = match operation {
            Do::Spawn(yields) => format!("number {}", self.spawn(*yields)),
            Do::Turn => format!("{:?}", self.turn()),
        };
        Some(Seen::of(seen).fact("tasks", format!("{} are alive", self.queue.len())))
    }

    fn end(self) -> Seen {
        Seen::of("dropped").fact("tasks", "0 are alive")
    }
}

/// A task that counts while it is alive.
struct Counting(
    probe_generators::Script<(), u32, &'static str>,
    #[expect(dead_code, reason = "it is there to be dropped")] Token,
);

impl Generator for Counting {
    type Yield = u32;
    type Return = &'static str;

    fn resume(&mut self, (): ()) -> Step<u32, &'static str> {
        self.0.resume(())
    }
}

fn spawn(run: &Run, tasks: &mut Tasks, lane: &str, yields: u32) -> usize {
    let task = Box::new(spy(run, lane, script(1..=yields, "done")));
    let number = tasks.spawn(task);
    run.recorder()
        .says("caller", format!("spawns {lane}, number {number}"));
    number
}

/// The event with which a task got its number.
fn spawned(run: &Run, lane: &str) -> Option<usize> {
    let events = run.recorder().recording().events;
    let text = format!("spawns {lane},");
    let says = |event: &Event| matches!(&event.what, What::Says(said) if said.starts_with(&text));
    events.iter().position(says)
}

/// Takes turns, at most this many, and returns the tasks that had them.
#[track_caller]
fn turns(run: &Run, tasks: &mut Tasks, at_most: usize) -> Vec<usize> {
    let mut order = Vec::new();
    while order.len() < at_most {
        let before = resumed(run).len();
        let turn = turn(run, tasks);
        let lanes = &resumed(run)[before..];
        match (turn, lanes) {
            (None, []) => break,
            (None, [lane]) if completed(run, before) => run.departs(format!(
                "{lane} completed in this turn, and `turn` said `None`. The caller has not received yet what the task \
                 completed with. `None` says that no task is left.",
            )),
            (None, [lane]) => run.departs(format!(
                "{lane} yielded in this turn, and `turn` said `None`. `None` says that no task is left.",
            )),
            (Some(_), []) => run.departs("A turn came back although no task was resumed."),
            (Some(Turn::Yielded { task, .. } | Turn::Finished { task, .. }), [_]) => order.push(task),
            (_, lanes) => explain_several(run, before, lanes),
        }
    }
    order
}

/// One call of `turn` resumed several times: says what that does. The first of these resumes has the number `before`.
#[track_caller]
fn explain_several(run: &Run, before: usize, lanes: &[String]) -> ! {
    let second = Some(entered(run, before + 1));
    let (first, last) = (&lanes[0], before + lanes.len() - 1);
    let the_same = lanes.iter().all(|lane| lane == first);
    if the_same && completed(run, last) {
        run.diagnose_at(
            second,
            "runs-to-completion",
            format!(
                "One call of `turn` resumed {first} until it completed, while the others waited for that. A turn is one resume.",
            ),
        );
    }
    if completed(run, before) {
        run.diagnose_at(
            second,
            "completion-is-free",
            format!(
                "When {first} completed, the same call of `turn` went on to {}. What {first} completed with is lost: the caller never receives \
                 it.",
                lanes[1],
            ),
        );
    }
    run.departs_at(
        second,
        format!(
            "One call of `turn` resumed {}. A turn is one resume: of what they yielded, only the last is heard of.",
            lanes.join(", then "),
        ),
    );
}

/// One turn. That it never panics is part of every promise.
#[track_caller]
fn turn(run: &Run, tasks: &mut Tasks) -> Option<Turn<u32, &'static str>> {
    panics::expected(|| tasks.turn())
        .unwrap_or_else(|panic| run.departs(format!("`turn` panicked: {}.", panic.message)))
}

/// Holds the order of turns against the right one: whom they name, and who was really resumed.
#[track_caller]
fn expect(run: &Run, lanes: &[&str], order: &[usize], right: &[usize]) {
    if really(run, lanes) != right {
        unfair(run, lanes, right);
    }
    if let Some(wrong) = (0..order.len()).find(|&turn| order.get(turn) != right.get(turn)) {
        run.diagnose_at(
            Some(entered(run, wrong) + 1),
            "position-taken-for-number",
            format!(
                "The right tasks were resumed, but the turns name {order:?} where the tasks' numbers are {right:?}. A task's place \
                 in the queue changes; its number does not.",
            ),
        );
    }
}

/// Says what is known to make the order of turns different.
#[track_caller]
fn unfair(run: &Run, lanes: &[&str], right: &[usize]) -> ! {
    let real = really(run, lanes);
    let Some(wrong) = (0..real.len()).find(|&turn| real.get(turn) != right.get(turn)) else {
        let waiting = lanes[right[real.len()]];
        run.departs(format!("`turn` said `None` while {waiting} was waiting."))
    };
    let event = Some(entered(run, wrong) + 1);
    let newest = lanes.len() - 1;
    match real[..] {
        [0, 0, ..] => run.diagnose_at(
            event,
            "unfair-round-robin",
            "The first task got two turns in a row while others were waiting: the task that was just resumed went first again.",
        ),
        [first, second, ..] if first == second && first == newest => run.diagnose_at(
            event,
            "lifo-starvation",
            "The newest task got the first two turns while others were waiting: tasks are taken from the end at which they are put \
             in.",
        ),
        _ if wrong > 0 && completed(run, wrong - 1) && right.get(wrong + 1) == Some(&real[wrong]) => run.diagnose_at(
            event,
            "neighbour-skipped",
            format!(
                "When {} had finished, {} lost its turn. A position in a list does this: when a task is taken out, others move to other \
                 places, and the position does not follow them.",
                lanes[real[wrong - 1]], lanes[right[wrong]]
            ),
        ),
        _ if lanes[real[wrong]] == "late" => run.diagnose_at(
            event,
            "jumps-the-queue",
            format!(
                "The task that was spawned last got its turn while {} was still waiting, and had waited longer.",
                lanes[right[wrong]]
            ),
        ),
        _ => run.departs_at(
            event,
            format!("This turn went to {}. The task that has waited longest comes next, and that is {}.", lanes[real[wrong]], lanes[right[wrong]]),
        ),
    }
}

/// The tasks that were resumed, as numbers, in order, independent of what the turns say.
fn really(run: &Run, lanes: &[&str]) -> Vec<usize> {
    let number = |lane: &String| lanes.iter().position(|known| known == lane);
    resumed(run).iter().filter_map(number).collect()
}

/// The lanes that were resumed, in order, as the spies saw it.
fn resumed(run: &Run) -> Vec<String> {
    let events = run.recorder().recording().events;
    let resumes = events
        .into_iter()
        .filter(|event| matches!(event.what, What::Enters(_)));
    resumes.map(|event| event.track).collect()
}

/// Whether the resume of this number, from 0, was one that completed.
fn completed(run: &Run, resume: usize) -> bool {
    let events = run.recorder().recording().events;
    let outcome = events.get(entered(run, resume) + 1);
    outcome.is_some_and(
        |event| matches!(&event.what, What::Leaves(outcome) if outcome.starts_with("completes")),
    )
}

/// The event with which the resume of this number, from 0, began.
fn entered(run: &Run, resume: usize) -> usize {
    let events = run.recorder().recording().events;
    let mut resumes =
        (0..events.len()).filter(|&index| matches!(events[index].what, What::Enters(_)));
    resumes.nth(resume).unwrap_or(0)
}

/// A task that completes at once, and owns something until it is dropped.
struct Holding(#[expect(dead_code, reason = "it is there to be dropped")] Token);

impl Generator for Holding {
    type Yield = u32;
    type Return = &'static str;

    fn resume(&mut self, (): ()) -> Step<u32, &'static str> {
        Step::Complete("done")
    }
}
