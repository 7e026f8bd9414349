//! Runs the crawler in the world of a script, with another waker in each poll.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::super::subject::{Closed, crawl};
use super::world::{Page, Script, Scripted, World};
use composition::{Winner, select};
use event_loop::Spawn;
use probe::{Run, panics};
use probe_loop::SimLoop;

/// What was seen of a run.
pub(super) struct Played {
    pub(super) pages: Vec<Page>,
    /// What the call returned, and when. `None` if it did not.
    pub(super) returned: Option<(Result<(), Closed>, u64)>,
    /// Downloads that were not dropped a moment after the return, or after the drop.
    pub(super) left: usize,
    /// Since the call was polled last, only wakers of earlier polls were called.
    pub(super) earlier_woken: bool,
    /// A rule that was broken as it happened.
    pub(super) broken: Option<(Option<&'static str>, String)>,
}

/// How often the call was polled, and by which wakers it was woken since.
#[derive(Default)]
struct Polls {
    number: AtomicUsize,
    earlier_woken: AtomicBool,
}

/// The waker of one poll. It wakes the task as long as it is the newest.
struct OfOnePoll {
    number: usize,
    polls: Arc<Polls>,
    task: Waker,
}

impl Wake for OfOnePoll {
    fn wake(self: Arc<Self>) {
        if self.number == self.polls.number.load(Ordering::Relaxed) {
            self.task.wake_by_ref();
        } else {
            self.polls.earlier_woken.store(true, Ordering::Relaxed);
        }
    }
}

/// Polls the call twice each time, with another waker in each poll, as if it moved from task to task.
async fn moving<F: Future>(call: F, polls: Arc<Polls>) -> F::Output {
    let mut call = Box::pin(call);
    let mut poll = move |context: &mut Context<'_>| {
        let number = 1 + polls.number.fetch_add(1, Ordering::Relaxed);
        polls.earlier_woken.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::new(OfOnePoll {
            number,
            polls: Arc::clone(&polls),
            task: context.waker().clone(),
        }));
        call.as_mut().poll(&mut Context::from_waker(&waker))
    };
    poll_fn(|context| match poll(context) {
        Poll::Pending => poll(context),
        ready => ready,
    })
    .await
}

/// Runs the learner's crawler on this script.
pub(super) fn play(run: &Run, script: &Script) -> Played {
    let sim = SimLoop::new(&probe::run!());
    let handle = sim.handle();
    let world = Rc::new(World::new(run, handle.clone(), script));
    let returned = Rc::new(Cell::new(None));
    let (inside, result) = (Rc::clone(&world), Rc::clone(&returned));
    let seen = Arc::new(Polls::default());
    let polls = Arc::clone(&seen);
    let main = handle.spawn(async move {
        let spawn: Rc<dyn Spawn> = Rc::new(inside.handle.clone());
        let site = Rc::new(Scripted(Rc::clone(&inside)));
        let call = crawl(spawn, site, inside.script.takes.len());
        let call = Box::pin(moving(call, polls));
        match inside.script.dropped {
            None => result.set(Some((call.await, inside.now()))),
            Some(when) => {
                let limit = inside.handle.sleep(Duration::from_millis(when));
                if let Winner::First(returns) = select(call, limit).await {
                    result.set(Some((returns, inside.now())));
                }
            }
        }
        let before = inside
            .pages
            .borrow()
            .iter()
            .filter(|page| page.begun.is_some())
            .count();
        // The loop runs once more, and no time passes that a download would need.
        inside.handle.sleep(Duration::from_millis(1)).await;
        (inside.alive.get(), before)
    });
    let left = match panics::expected(|| sim.drive(main)) {
        Ok(Ok((left, _))) => left,
        Ok(Err(_stuck)) => 0,
        Err(panic) => run.departs(format!("The call panicked: {}.", panic.message)),
    };
    if let Some((result, _)) = returned.get() {
        let text = match result {
            Ok(()) => "returns Ok".to_owned(),
            Err(closed) => format!("returns Err: page {} is closed", closed.page),
        };
        run.recorder().set_time(
            sim.handle()
                .now()
                .since_start()
                .saturating_sub(Duration::from_millis(1)),
        );
        run.recorder().says("call", text);
    }
    Played {
        pages: world.pages.borrow().clone(),
        returned: returned.get(),
        left,
        earlier_woken: seen.earlier_woken.load(Ordering::Relaxed),
        broken: world.broken.borrow().clone(),
    }
}
