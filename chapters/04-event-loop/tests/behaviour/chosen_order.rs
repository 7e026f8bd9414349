//! A driver that says which ready entry comes next.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{Driver, EventLoop, JumpingDriver, Time, Unparker};

/// It always takes the newest, and notes how many there were to choose from.
#[derive(Clone, Default)]
struct NewestFirst {
    clock: JumpingDriver,
    asked: Rc<RefCell<Vec<usize>>>,
    iterations: Rc<Cell<usize>>,
}

impl Driver for NewestFirst {
    fn now(&self) -> Time {
        self.clock.now()
    }

    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.iterations.set(self.iterations.get() + 1);
        self.clock.park(timeout)
    }

    fn unparker(&self) -> Unparker {
        self.clock.unparker()
    }

    fn choose(&self, ready: usize) -> Option<usize> {
        if ready > 1 {
            self.asked.borrow_mut().push(ready);
        }
        Some(ready - 1)
    }
}

#[test]
fn the_chosen_entry_runs_alone_and_the_others_keep_their_place() {
    let driver = NewestFirst::default();
    let event_loop = EventLoop::with_driver(driver.clone());
    let order = Rc::new(RefCell::new(String::new()));
    for name in ['a', 'b', 'c'] {
        let (order, handle) = (Rc::clone(&order), event_loop.handle());
        let task = event_loop.handle().spawn(async move {
            order.borrow_mut().push(name);
            if name == 'b' {
                let _call = handle.call_soon(move || order.borrow_mut().push('d'));
            }
        });
        drop(task);
    }
    for _ in 0..4 {
        event_loop.run_once().unwrap();
    }
    assert_eq!(*order.borrow(), "cbda");
    assert_eq!(*driver.asked.borrow(), [3, 2, 2]);
    assert_eq!(event_loop.tasks(), 0);
    // The clock has not moved: while an entry waits in the queue, the loop does not sleep.
    assert_eq!((driver.iterations.get(), driver.now()), (4, Time::START));
}

#[test]
fn timers_for_the_same_time_fire_in_the_chosen_order_and_an_earlier_one_fires_first() {
    let event_loop = EventLoop::with_driver(NewestFirst::default());
    let (handle, order) = (event_loop.handle(), Rc::new(RefCell::new(String::new())));
    let wakes = Rc::clone(&order);
    event_loop.block_on(async move {
        let sleep = |name, milliseconds| {
            let (handle, order) = (handle.clone(), Rc::clone(&wakes));
            handle.clone().spawn(async move {
                handle.sleep(Duration::from_millis(milliseconds)).await;
                order.borrow_mut().push(name);
            })
        };
        let tasks = [sleep('a', 2), sleep('b', 2), sleep('c', 1)];
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert!(order.borrow().starts_with('c'), "{order:?}");
    assert_eq!(event_loop.timers(), 0);
}
