//! 14 five-costs: what five things cost, and where the time of a request goes.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use super::subject::{Costs, costs, driver_polls, largest, percent};
use event_loop::{Driver, EventLoop, ThreadDriver, Time, Unparker};
use probe::predict::steady;
use probe::{Run, run, snapshot};
use speed::costs::Thing;

/// What a request is made of, times a hundred: one spawn serves a hundred requests.
const TIMES: [(Thing, u64); 5] = [
    (Thing::ReadyAwait, 300),
    (Thing::Wake, 100),
    (Thing::Spawn, 1),
    (Thing::Timer, 100),
    (Thing::SystemCall, 300),
];

#[test]
fn the_figures_are_those_of_a_run() {
    let run = run!();
    let costs = noted(&run);
    let figures = [
        costs.ready_await,
        costs.wake,
        costs.spawn,
        costs.timer,
        costs.system_call,
    ];
    if figures.contains(&0) {
        run.diagnose(
            "optimized-away",
            "One of the figures is 0 for a thousand. Nothing takes no time: either the compiler removed what was measured, or the figure \
             does not come from the program, which hides each value from the compiler with `black_box`.",
        );
    }
    if (10..=100_000).contains(&costs.system_call) && (1..10_000).contains(&costs.spawn) {
        run.diagnose(
            "figures-of-one",
            format!("By these figures a thousand system calls take {} ns, and a thousand spawns {} ns. That is what one of each takes. The program prints nanoseconds for a thousand: copy them as they are.", costs.system_call, costs.spawn),
        );
    }
    if costs.ready_await >= costs.wake || costs.wake >= costs.spawn {
        run.diagnose(
            "figures-the-other-way-round",
            "On every machine known an await that is ready costs less than a wake, and a wake less than a spawn. Are two figures the other \
             way round? Copy them as the program prints them, from a run with `--release`.",
        );
    }
    if !(10_000..=100_000_000).contains(&costs.system_call) {
        run.departs(format!(
            "A thousand system calls take {} ns by these figures. All known machines take between 10,000 and 100,000,000.",
            costs.system_call
        ));
    }
}

#[test]
fn the_largest_share_is_that_of_a_request() {
    let run = run!();
    let costs = noted(&run);
    let largest = steady(&run, largest);
    let shares = shares(&costs);
    for (thing, share) in shares {
        run.recorder()
            .says("a request", format!("{}: {share} %", thing.name()));
    }
    let most = shares.iter().map(|(_, share)| *share).max();
    if shares
        .iter()
        .any(|(thing, share)| *thing == largest && Some(*share) == most)
    {
        return;
    }
    if largest == Thing::Spawn {
        run.diagnose(
            "unit-cost-taken-for-the-share",
            "A spawn is the dearest of the five, and a request has a hundredth of one. A cost counts as often as it occurs: multiply, then \
             compare.",
        );
    }
    run.diagnose("not-the-largest-share", format!(
        "By your figures, {} is not what takes the most time of a request. Multiply each figure by how often it occurs.",
        largest.name()
    ));
}

#[test]
fn the_range_holds_the_share_of_the_system_calls() {
    let run = run!();
    let costs = noted(&run);
    let range = steady(&run, percent);
    let (low, high) = (*range.start(), *range.end());
    run.recorder().says("range", format!("{low} to {high} %"));
    if low > 100 {
        run.diagnose(
            "time-taken-for-a-ratio",
            format!("The range begins at {low}. A share lies between 0 and 100 %: divide the time of the system calls by that of the request."),
        );
    }
    if low > high {
        run.diagnose(
            "range-the-other-way-round",
            format!(
                "From {low} to {high}: a range begins at its smaller end. This one holds no number."
            ),
        );
    }
    if high - low > 20 {
        run.diagnose(
            "range-too-wide",
            format!(
                "From {low} to {high}: that is {} wide. It may be 20 wide.",
                high - low
            ),
        );
    }
    let share = shares(&costs)[4].1;
    // The share is cut to a whole number. One that is rounded up is as good.
    if range.contains(&share) || range.contains(&(share + 1)) {
        return;
    }
    let one = share_of_one_call(&costs);
    if range.contains(&one) {
        run.diagnose(
            "calls-counted-once",
            format!("By the figures that you have copied the system calls take {share} % of a request. With one system call it would be {one} %; a request has three."),
        );
    }
    run.diagnose(
        "share-outside-the-range",
        format!("By the figures that you have copied the system calls take {share} % of a request. Your range is {low} to {high} %."),
    );
}

#[test]
fn the_loop_polls_its_driver_as_often_as_you_say() {
    let run = run!();
    let yours = steady(&run, driver_polls);
    let (timers, wakes) = (counted(Work::Timers), counted(Work::Wakes));
    let says = |what: &str, yours: u32, is: u32| {
        run.recorder().says(
            what,
            format!("{yours} polls of the driver by your answer, {is} counted"),
        );
    };
    says("a thousand timers", yours.timers, timers);
    says("a thousand wakes", yours.wakes, wakes);
    if yours.timers.abs_diff(timers) > 2 {
        if yours.timers >= 500 {
            run.diagnose(
                "timer-is-a-system-call",
                "A timer is an entry in a heap of the loop. Setting it and dropping it calls no driver; the loop passes the earliest deadline on \
                 when it polls the driver anyway.",
            );
        }
        run.diagnose(
            "driver-polls-miscounted",
            "The number of polls of the driver during a thousand timers is another. Two more or two less would be as good.",
        );
    }
    if yours.wakes.abs_diff(wakes) > 2 {
        if yours.wakes < 500 {
            run.diagnose(
                "wake-polls-no-driver",
                "A task that is woken during its poll runs in the next iteration, and each iteration polls the driver once. A thousand wakes \
                 in a row are a thousand iterations.",
            );
        }
        run.diagnose(
            "driver-polls-miscounted",
            "The number of polls of the driver during a thousand wakes is another. Each iteration polls the driver once, and each wake is one iteration. Two more or two less would be as good.",
        );
    }
    let run = run!("driver_polls");
    run.recorder().says(
        "a thousand timers",
        "0 polls of the driver, or one at the end",
    );
    run.recorder()
        .says("a thousand wakes", "1,000 polls of the driver");
    snapshot!(run);
}

/// The five, and the share of each in a request, in percent.
fn shares(costs: &Costs) -> [(Thing, u64); 5] {
    let parts = TIMES.map(|(thing, times)| {
        let figure = match thing {
            Thing::ReadyAwait => costs.ready_await,
            Thing::Wake => costs.wake,
            Thing::Spawn => costs.spawn,
            Thing::Timer => costs.timer,
            Thing::SystemCall => costs.system_call,
        };
        (thing, u128::from(figure) * u128::from(times))
    });
    let total: u128 = parts.iter().map(|(_, part)| part).sum();
    parts.map(|(thing, part)| (thing, (part * 100 / total.max(1)) as u64))
}

/// The share of the system calls in percent, if a request had one of them.
fn share_of_one_call(costs: &Costs) -> u64 {
    let call = u128::from(costs.system_call) * 100;
    let others = [
        (costs.ready_await, 300),
        (costs.wake, 100),
        (costs.spawn, 1),
        (costs.timer, 100),
    ];
    let others: u128 = (others.iter())
        .map(|(figure, times)| u128::from(*figure) * times)
        .sum();
    (call * 100 / (call + others).max(1)) as u64
}

/// The learner's figures, recorded at the beginning of each run.
fn noted(run: &Run) -> Costs {
    let costs = steady(run, costs);
    for (name, figure) in [
        ("ready await", costs.ready_await),
        ("wake", costs.wake),
        ("spawn", costs.spawn),
        ("timer", costs.timer),
        ("system call", costs.system_call),
    ] {
        run.recorder()
            .says(name, format!("{figure} ns for a thousand"));
    }
    costs
}

#[derive(Clone, Copy)]
enum Work {
    Timers,
    Wakes,
}

/// Counts the calls of `park` while a task works.
fn counted(work: Work) -> u32 {
    let parks = Rc::new(Cell::new(0));
    let event_loop = EventLoop::with_driver(Counting {
        inner: ThreadDriver::new(),
        parks: Rc::clone(&parks),
    });
    let handle = event_loop.handle();
    let counter = Rc::clone(&parks);
    event_loop.block_on(async move {
        let before = counter.get();
        match work {
            Work::Timers => {
                for _ in 0..1_000 {
                    let mut sleep = pin!(handle.sleep(Duration::from_secs(3_600)));
                    poll_fn(|context| {
                        let _pending = sleep.as_mut().poll(context);
                        Poll::Ready(())
                    })
                    .await;
                }
            }
            Work::Wakes => {
                for _ in 0..1_000 {
                    event_loop::yield_now().await;
                }
            }
        }
        counter.get() - before
    })
}

struct Counting {
    inner: ThreadDriver,
    parks: Rc<Cell<u32>>,
}

impl Driver for Counting {
    fn now(&self) -> Time {
        self.inner.now()
    }

    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.parks.set(self.parks.get() + 1);
        self.inner.park(timeout)
    }

    fn unparker(&self) -> Unparker {
        self.inner.unparker()
    }
}
