//! Hooks of wakers that own what must not leave their thread.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::waker::Poller;

type Code = Box<dyn FnOnce()>;

thread_local! {
    /// The code of the hooks that were set on this thread and have not run.
    static HOOKS: RefCell<Vec<(u64, Code)>> = const { RefCell::new(Vec::new()) };
}

static NEXT: AtomicU64 = AtomicU64::new(0);

/// Hooks are `Send`, because a waker is. These three take code that owns an `Rc`, such as a channel of one thread.
///
/// ```
/// use std::cell::Cell;
/// use std::pin::pin;
/// use std::rc::Rc;
///
/// # fn main() {
/// let run = probe::run!();
/// let a = probe_futures::poller(run.recorder(), "A");
/// let calls = Rc::new(Cell::new(0));
/// let inside = Rc::clone(&calls);
/// a.on_wake_local(move || inside.set(inside.get() + 1));
/// a.waker().wake();
/// assert_eq!(calls.get(), 1);
/// # }
/// ```
impl Poller {
    /// As [`on_clone`](Poller::on_clone), with code that stays on this thread.
    ///
    /// # Panics
    ///
    /// Inside `clone`, if that is called on another thread.
    pub fn on_clone_local(&self, hook: impl FnOnce() + 'static) {
        self.on_clone(of_this_thread(hook));
    }

    /// As [`on_wake`](Poller::on_wake), with code that stays on this thread.
    ///
    /// # Panics
    ///
    /// Inside the wake, if that happens on another thread.
    pub fn on_wake_local(&self, hook: impl FnOnce() + 'static) {
        self.on_wake(of_this_thread(hook));
    }

    /// As [`on_drop`](Poller::on_drop), with code that stays on this thread.
    ///
    /// # Panics
    ///
    /// Inside the waker's destructor, if that runs on another thread.
    pub fn on_drop_local(&self, hook: impl FnOnce() + 'static) {
        self.on_drop(of_this_thread(hook));
    }
}

fn of_this_thread(hook: impl FnOnce() + 'static) -> impl FnOnce() + Send + 'static {
    let ticket = Ticket(NEXT.fetch_add(1, Ordering::Relaxed));
    HOOKS.with_borrow_mut(|hooks| hooks.push((ticket.0, Box::new(hook))));
    move || match ticket.take() {
        Some(hook) => hook(),
        None => panic!("a hook of one thread ran on another"),
    }
}

/// The number of a hook. The code is dropped with it, if that happens on the code's thread.
struct Ticket(u64);

impl Ticket {
    fn take(&self) -> Option<Code> {
        let take = |hooks: &RefCell<Vec<(u64, Code)>>| {
            let mut hooks = hooks.borrow_mut();
            let place = hooks.iter().position(|(number, _)| *number == self.0)?;
            Some(hooks.swap_remove(place).1)
        };
        HOOKS.try_with(take).ok().flatten()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let _code = self.take(); // Its destructor may set another hook: nothing is borrowed here.
    }
}
