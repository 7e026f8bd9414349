//! Sets of futures: what a child costs that is woken and returns its output, by the number of children.
//!
//! It knows the sets that it compares. It does not know loops or sockets.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use composition::ReadySet;
use futures::stream::FuturesUnordered;
use futures::{Stream, StreamExt};

use crate::table::median;

/// Numbers of children. The figure of the last divided by that of the first says how the cost grows.
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// Children of one measured run, at least: sets that are smaller are measured several times.
const CHILDREN: usize = 20_000;

#[derive(Clone, Copy)]
struct Set {
    name: &'static str,
    /// Makes, wakes and receives this many children, several times; nanoseconds for each child.
    run: fn(children: usize) -> f64,
}

const SETS: [Set; 4] = [
    Set {
        name: "ReadySet",
        run: |children| waits::<ReadySet<Child>>(children),
    },
    Set {
        name: "FuturesUnordered",
        run: |children| waits::<FuturesUnordered<Child>>(children),
    },
    Set {
        name: "tokio JoinSet",
        run: join_set,
    },
    Set {
        name: "one waker for all",
        run: |children| match children {
            ..=1_000 => waits::<Everyone>(children),
            // A square of ten thousand would take half of the measurement's time.
            _ => f64::NAN,
        },
    },
];

pub(crate) fn measure(rounds: u32) {
    print!("{:>10}", "children");
    for set in SETS {
        print!("{:>20}", set.name);
    }
    println!("      ns a child, median of the rounds");
    let mut first = [f64::NAN; SETS.len()];
    for size in SIZES {
        let mut results = [const { Vec::new() }; SETS.len()];
        for round in 0..rounds as usize {
            for turn in 0..SETS.len() {
                let which = (turn + round) % SETS.len();
                results[which].push((SETS[which].run)(size));
            }
        }
        let medians = results.map(|mut values| median(&mut values));
        print!("{size:>10}");
        for median in medians {
            print!("{}", cell(median, 0));
        }
        println!();
        if size == SIZES[0] {
            first = medians;
        }
        if size == SIZES[SIZES.len() - 1] {
            print!("{:>10}", "÷ first");
            for (median, first) in medians.iter().zip(first) {
                print!("{}", cell(median / first, 2));
            }
            println!();
            print!("{:>10}", "÷ ours");
            for median in medians {
                print!("{}", cell(median / medians[0], 2));
            }
            println!();
        }
    }
}

fn cell(figure: f64, digits: usize) -> String {
    match figure.is_nan() {
        true => format!("{:>20}", "–"),
        false => format!("{figure:>20.digits$}"),
    }
}

/// What a child waits for.
#[derive(Default)]
struct Wait {
    ready: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Wait {
    fn finish(&self) {
        self.ready.set(true);
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

struct Child {
    wait: Rc<Wait>,
    number: usize,
}

impl Future for Child {
    type Output = usize;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
        if self.wait.ready.get() {
            return Poll::Ready(self.number);
        }
        let _older = self.wait.waker.replace(Some(context.waker().clone()));
        Poll::Pending
    }
}

/// A set that can be pushed to, and that yields outputs.
trait Pushed: Stream<Item = usize> + Unpin + Default {
    fn push(&mut self, child: Child);
}

impl Pushed for ReadySet<Child> {
    fn push(&mut self, child: Child) {
        ReadySet::push(self, child);
    }
}

impl Pushed for FuturesUnordered<Child> {
    fn push(&mut self, child: Child) {
        FuturesUnordered::push(self, child);
    }
}

/// Polls all children each time.
#[derive(Default)]
struct Everyone(Vec<Child>);

impl Pushed for Everyone {
    fn push(&mut self, child: Child) {
        self.0.push(child);
    }
}

impl Stream for Everyone {
    type Item = usize;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<usize>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        for place in 0..self.0.len() {
            if let Poll::Ready(output) = Pin::new(&mut self.0[place]).poll(context) {
                self.0.swap_remove(place);
                return Poll::Ready(Some(output));
            }
        }
        Poll::Pending
    }
}

/// Children that are ready one by one, the last of the set first: the task polls after each.
fn waits<S: Pushed>(children: usize) -> f64 {
    let times = (CHILDREN / children).max(1);
    let start = Instant::now();
    for _ in 0..times {
        let (mut set, waits) = (S::default(), made(children));
        for (number, wait) in waits.iter().enumerate() {
            set.push(Child {
                wait: Rc::clone(wait),
                number,
            });
        }
        let mut context = Context::from_waker(Waker::noop());
        assert!(set.poll_next_unpin(&mut context).is_pending());
        for (number, wait) in waits.iter().enumerate().rev() {
            wait.finish();
            assert_eq!(set.poll_next_unpin(&mut context), Poll::Ready(Some(number)));
        }
    }
    start.elapsed().as_nanos() as f64 / (times * children) as f64
}

fn made(children: usize) -> Vec<Rc<Wait>> {
    (0..children).map(|_| Rc::default()).collect()
}

/// The same with tokio's set, whose children are tasks: the runtime polls each by itself.
fn join_set(children: usize) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("tokio's runtime");
    let times = (CHILDREN / children).max(1);
    let local = tokio::task::LocalSet::new();
    let start = Instant::now();
    local.block_on(&runtime, async {
        for _ in 0..times {
            let (mut set, waits) = (tokio::task::JoinSet::new(), made(children));
            for (number, wait) in waits.iter().enumerate() {
                let wait = Rc::clone(wait);
                set.spawn_local(Child { wait, number });
            }
            tokio::task::yield_now().await; // Each child is polled once.
            for (number, wait) in waits.iter().enumerate().rev() {
                wait.finish();
                let next = poll_fn(|context| set.poll_join_next(context)).await;
                assert_eq!(next.and_then(Result::ok), Some(number));
            }
        }
    });
    start.elapsed().as_nanos() as f64 / (times * children) as f64
}
