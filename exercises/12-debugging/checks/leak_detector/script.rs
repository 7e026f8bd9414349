//! Scripts: what a test does, in every short order, and what the reference says is left.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use event_loop::{Handle, JoinHandle, yield_now};
use probe::run;

/// A sleep of an hour.
pub(super) async fn hour(handle: &Handle) {
    handle.sleep(Duration::from_secs(3600)).await;
}

/// `1 task, 0 timers and 2 wakers`.
pub(super) fn in_words([tasks, timers, wakers]: [usize; 3]) -> String {
    let some = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    };
    format!(
        "{}, {} and {}",
        some(tasks, "task"),
        some(timers, "timer"),
        some(wakers, "waker")
    )
}

/// Keeps `clones` clones of the waker of a task, which then completes.
pub(super) async fn wakers_of_completed_task(
    handle: &Handle,
    clones: usize,
    registry: &Rc<Cell<Vec<Waker>>>,
) {
    let registry = Rc::clone(registry);
    let task = handle.spawn(poll_fn(move |context| {
        let mut kept = registry.take();
        kept.extend((0..clones).map(|_| context.waker().clone()));
        registry.set(kept);
        Poll::Ready(())
    }));
    task.await.expect("it is ready");
}

#[derive(Debug, Clone, Copy)]
enum Act {
    SpawnsPending,
    SpawnsAndAwaits,
    SpawnsSleeper,
    /// The waker of its timer is that of the test's own future.
    ForgetsASleep,
    AbortsTheOldest,
    KeepsAWaker,
    KeepsItsOwnWaker,
    DropsTheWakers,
    Yields,
    SleepsTwoHours,
}

const ACTS: [Act; 10] = [
    Act::SpawnsPending,
    Act::SpawnsAndAwaits,
    Act::SpawnsSleeper,
    Act::ForgetsASleep,
    Act::AbortsTheOldest,
    Act::KeepsAWaker,
    Act::KeepsItsOwnWaker,
    Act::DropsTheWakers,
    Act::Yields,
    Act::SleepsTwoHours,
];

/// What is left: the numbers of the tasks, the timers, the wakers.
type Numbers = (Vec<u64>, usize, usize);

/// A test that is handed to `watch`.
pub(super) type Test<'a> = Box<dyn FnOnce(Handle) -> Pin<Box<dyn Future<Output = ()> + 'a>> + 'a>;

/// Runs every script of up to three acts with `yours` and with the reference.
pub(super) fn compare_every_script(yours: impl Fn(Test<'_>) -> Numbers) {
    let run = run!();
    let mut scripts = vec![Vec::new()];
    for length in 0..=3 {
        for script in &scripts {
            let registries: [Rc<Cell<Vec<Waker>>>; 2] = Default::default();
            let mine = yours(test(script, &registries[0]));
            let ((), left) = debugging::leaks::watch(test(script, &registries[1]));
            let tasks: Vec<u64> = left.tasks.iter().map(|task| task.number()).collect();
            let expected = (tasks, left.timers, left.wakers);
            if mine == expected {
                continue;
            }
            for act in script {
                run.recorder().says("test", words(*act));
            }
            run.recorder()
                .says("left", in_words([mine.0.len(), mine.1, mine.2]));
            run.departs(format!(
                "`watch` says that this is left: {}. Expected: {}. Found by trying every script of up to three steps, the shortest first.",
                in_words([mine.0.len(), mine.1, mine.2]),
                in_words([expected.0.len(), expected.1, expected.2])
            ));
        }
        if length < 3 {
            scripts = (scripts.iter())
                .flat_map(|script| {
                    ACTS.map(|act| script.iter().copied().chain([act]).collect::<Vec<_>>())
                })
                .collect();
        }
    }
}

fn words(act: Act) -> &'static str {
    match act {
        Act::SpawnsPending => "spawns a task that waits without end",
        Act::SpawnsAndAwaits => "spawns a task and awaits it",
        Act::SpawnsSleeper => "spawns a task that sleeps for an hour",
        Act::ForgetsASleep => "polls a sleep of an hour once, and forgets it",
        Act::AbortsTheOldest => "aborts the oldest task",
        Act::KeepsAWaker => "keeps the waker of a task, which completes",
        Act::KeepsItsOwnWaker => "keeps its own waker",
        Act::DropsTheWakers => "drops the wakers that were kept",
        Act::Yields => "yields",
        Act::SleepsTwoHours => "sleeps for two hours",
    }
}

fn test<'a>(script: &'a [Act], registry: &'a Rc<Cell<Vec<Waker>>>) -> Test<'a> {
    Box::new(move |handle| Box::pin(play(handle, script, registry)))
}

async fn play(handle: Handle, script: &[Act], registry: &Rc<Cell<Vec<Waker>>>) {
    let tasks: RefCell<Vec<JoinHandle<()>>> = RefCell::default();
    for act in script {
        match act {
            Act::SpawnsPending => tasks.borrow_mut().push(handle.spawn(pending())),
            Act::SpawnsAndAwaits => handle.spawn(yield_now()).await.expect("it is ready"),
            Act::SpawnsSleeper => {
                let sleeper = handle.clone();
                let task = handle.spawn(async move { hour(&sleeper).await });
                tasks.borrow_mut().push(task);
            }
            Act::ForgetsASleep => {
                let mut sleep = Box::pin(handle.sleep(Duration::from_secs(3600)));
                poll_once(sleep.as_mut()).await;
                std::mem::forget(sleep);
            }
            Act::AbortsTheOldest => {
                let oldest = {
                    let mut tasks = tasks.borrow_mut();
                    (!tasks.is_empty()).then(|| tasks.remove(0))
                };
                oldest.into_iter().for_each(|task| _ = task.abort());
            }
            Act::KeepsAWaker => wakers_of_completed_task(&handle, 1, registry).await,
            Act::KeepsItsOwnWaker => {
                let mut kept = registry.take();
                poll_fn(|context| {
                    kept.push(context.waker().clone());
                    Poll::Ready(())
                })
                .await;
                registry.set(kept);
            }
            Act::DropsTheWakers => drop(registry.take()),
            Act::Yields => yield_now().await,
            Act::SleepsTwoHours => handle.sleep(Duration::from_secs(7200)).await,
        }
    }
}

async fn poll_once<F: Future>(future: Pin<&mut F>) {
    let mut future = pin!(future);
    poll_fn(|context: &mut Context<'_>| {
        let _ = future.as_mut().poll(context);
        Poll::Ready(())
    })
    .await;
}
