//! Addresses whose attempts end as a script says, on a clock that jumps.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use event_loop::{Handle, JoinHandle};
use probe::detect::{DropCounter, Token};
use probe::{Recorder, Run, panics, run};
use probe_loop::SimLoop;

/// Milliseconds, and more than any call takes.
const HOUR: u64 = 3_600_000;

/// What becomes of an attempt, and after how many milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Script {
    Connects(u64),
    Fails(u64),
    Hangs,
}

/// What the call returned: the address and the number that its attempt returned, or all errors.
pub(crate) type Ended = Result<(SocketAddr, usize), Vec<(SocketAddr, usize)>>;

/// Address number `number`, with IPv6 and IPv4 in turn: so the attempts start in the order of the numbers.
pub(crate) fn address(number: usize) -> SocketAddr {
    let (high, low) = ((number >> 8) as u8, number as u8);
    if number.is_multiple_of(2) {
        SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, number as u16], 443))
    } else {
        SocketAddr::from(([198, 18, high, low], 443))
    }
}

fn number_of(address: SocketAddr) -> usize {
    match address {
        SocketAddr::V6(address) => usize::from(address.ip().segments()[7]),
        SocketAddr::V4(address) => {
            let [_, _, high, low] = address.ip().octets();
            usize::from(high) << 8 | usize::from(low)
        }
    }
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) sim: Rc<SimLoop>,
    pub(crate) handle: Handle,
    pub(crate) addresses: Vec<SocketAddr>,
    scripts: Rc<[Script]>,
    recorder: Recorder,
    /// For each attempt, in the order of the starts: its number, and when it started.
    starts: Rc<RefCell<Vec<(usize, u64)>>>,
    /// How often each attempt was polled.
    polls: Rc<RefCell<Vec<usize>>>,
    pub(crate) attempts: DropCounter,
}

impl World {
    pub(crate) fn new(recorder: &Recorder, scripts: &[Script]) -> World {
        let sim = Rc::new(SimLoop::new(&run!()));
        World {
            handle: sim.handle(),
            sim,
            addresses: (0..scripts.len()).map(address).collect(),
            scripts: scripts.into(),
            recorder: recorder.clone(),
            starts: Rc::default(),
            polls: Rc::new(RefCell::new(vec![0; scripts.len()])),
            attempts: DropCounter::new(),
        }
    }

    pub(crate) fn millis(&self) -> u64 {
        self.handle.now().since_start().as_millis() as u64
    }

    pub(crate) fn says(&self, actor: &str, text: impl Into<String>) {
        self.recorder.set_time(self.handle.now().since_start());
        self.recorder.says(actor, text);
    }

    /// The `connect` that the code under test calls.
    pub(crate) fn connect(&self, to: SocketAddr) -> Attempt {
        let number = number_of(to);
        assert!(
            self.addresses.get(number) == Some(&to),
            "`connect` was called with an address that is not in the list"
        );
        self.says(&to.ip().to_string(), "starts");
        self.starts.borrow_mut().push((number, self.millis()));
        let (world, script) = (self.clone(), self.scripts[number]);
        let work = async move {
            let millis = match script {
                Script::Connects(millis) | Script::Fails(millis) => millis,
                Script::Hangs => pending().await,
            };
            if millis > 0 {
                let time = Duration::from_millis(millis);
                world.handle.sleep(time).await;
            }
            let connects = matches!(script, Script::Connects(_));
            let said = if connects { "connects" } else { "fails" };
            world.says(&to.ip().to_string(), said);
            if connects { Ok(number) } else { Err(number) }
        };
        Attempt {
            work: Box::pin(work),
            polls: Rc::clone(&self.polls),
            number,
            over: Cell::new(false),
            _alive: self.attempts.token(),
        }
    }

    /// When this attempt started; `None` if it did not.
    pub(crate) fn start_of(&self, number: usize) -> Option<u64> {
        let starts = self.starts.borrow();
        let start = starts.iter().find(|(of, _)| *of == number);
        start.map(|(_, millis)| *millis)
    }

    pub(crate) fn starts(&self) -> Vec<(usize, u64)> {
        self.starts.borrow().clone()
    }

    pub(crate) fn polls_of(&self, number: usize) -> usize {
        self.polls.borrow()[number]
    }

    /// Runs the loop until this is ready; `None` if the loop is stuck before.
    pub(crate) fn drive<F: Future + 'static>(&self, run: &Run, future: F) -> Option<F::Output> {
        let joined: JoinHandle<F::Output> = self.handle.spawn(future);
        let driven = panics::expected(|| {
            let in_time = || joined.is_finished() || self.millis() > HOUR;
            self.sim.run_until(in_time)?;
            match joined.is_finished() {
                true => self.sim.drive(joined).map(Some),
                false => Ok(None),
            }
        });
        match driven {
            Ok(Ok(Some(output))) => Some(output),
            Ok(Ok(None)) => self.endless(run),
            Ok(Err(_stuck)) => {
                self.says("loop", "is stuck: no task is woken, and no timer is set");
                None
            }
            Err(panic) => run.departs(format!("The call panicked: {}.", panic.message)),
        }
    }

    /// The clock has moved on for an hour, and goes on doing so.
    #[track_caller]
    fn endless(&self, run: &Run) -> ! {
        let (started, all) = (self.starts.borrow().len(), self.addresses.len());
        self.says("call", "is pending after an hour, and a timer is set");
        if started < all {
            run.diagnose(
                "delay-begins-anew",
                format!(
                    "An hour has passed on the clock. {started} of {all} attempts have started, the call is pending, and a timer is set: the delay has \
                     ended, and the next attempt did not start."
                ),
            );
        }
        run.departs(
            "An hour has passed on the clock, every attempt has started, and the call still sets a timer.",
        )
    }
}

/// One connection attempt.
pub(crate) struct Attempt {
    work: Pin<Box<dyn Future<Output = Result<usize, usize>>>>,
    polls: Rc<RefCell<Vec<usize>>>,
    number: usize,
    over: Cell<bool>,
    _alive: Token,
}

impl Future for Attempt {
    type Output = Result<usize, usize>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<usize, usize>> {
        assert!(!self.over.get(), "an attempt was polled after it was ready");
        self.polls.borrow_mut()[self.number] += 1;
        let polled = self.work.as_mut().poll(context);
        self.over.set(polled.is_ready());
        polled
    }
}
