//! Retries on virtual time: the attempts, the reasons to stop, and what is left.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, ready};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::Duration;

use composition::Deadline;
use event_loop::{EventLoop, Handle, JumpingDriver, Time};
use probe::detect::DropCounter;
use service::{Backoff, Because, Delays, Failed, GaveUp, NoJitter, Policy, RetryBudget, retry};

const SECOND: Duration = Duration::from_secs(1);
const POLICY: Policy<'static> = Policy {
    attempts: 4,
    deadline: Deadline::NEVER,
    idempotent: true,
    budget: None,
};

fn backoff() -> Backoff<NoJitter> {
    let delays = Delays::Doubling {
        first: SECOND,
        cap: 8 * SECOND,
    };
    Backoff::new(delays, 10 * SECOND, NoJitter)
}

fn on_a_loop<T>(run: impl AsyncFnOnce(Handle) -> T) -> T {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(run(event_loop.handle()))
}

#[test]
fn attempts_are_numbered_and_begin_after_their_delays() {
    on_a_loop(async |timer| {
        let starts = RefCell::new(Vec::new());
        let result = retry(&timer, POLICY, backoff(), |number| {
            starts
                .borrow_mut()
                .push((number, timer.now().since_start().as_secs()));
            ready(if number < 4 {
                Err(Failed::MaybeDone(number))
            } else {
                Ok("well")
            })
        });
        assert_eq!(result.await, Ok("well"));
        assert_eq!(starts.take(), [(1, 0), (2, 1), (3, 3), (4, 7)]);
    });
}

#[test]
fn the_last_failure_and_the_number_of_attempts_are_in_the_error() {
    on_a_loop(async |timer| {
        let result: Result<(), _> = retry(&timer, POLICY, backoff(), |number| {
            ready(Err(Failed::NotDone(number)))
        })
        .await;
        let because = Because::Attempts;
        let last = Some(Failed::NotDone(4));
        assert_eq!(
            result,
            Err(GaveUp {
                because,
                attempts: 4,
                last
            })
        );
        assert_eq!(
            result.unwrap_err().to_string(),
            "gave up after attempt 4: all attempts were made (the last error: 4)"
        );
    });
}

#[test]
fn an_attempt_that_is_ready_at_the_deadline_counts() {
    on_a_loop(async |timer| {
        let policy = Policy {
            deadline: Deadline::at(Time::START + SECOND),
            ..POLICY
        };
        let result = retry(&timer, policy, backoff(), |_| async {
            timer.sleep(SECOND).await;
            Ok::<_, Failed<()>>(timer.now().since_start())
        });
        assert_eq!(result.await, Ok(SECOND));
    });
}

#[test]
fn a_deadline_in_the_past_allows_one_attempt_that_does_not_wait() {
    on_a_loop(async |timer| {
        let policy = Policy {
            deadline: Deadline::at(Time::START),
            ..POLICY
        };
        let at_once = retry(&timer, policy, backoff(), |_| ready(Ok::<_, Failed<()>>(1)));
        assert_eq!(at_once.await, Ok(1));
        let hangs: Result<(), GaveUp<()>> = retry(&timer, policy, backoff(), |_| pending()).await;
        let gave_up = hangs.unwrap_err();
        assert_eq!((gave_up.because, gave_up.last), (Because::Deadline, None));
    });
}

#[test]
fn ten_calls_that_succeed_pay_for_one_retry() {
    let budget = RetryBudget::new(2);
    let policy = Policy {
        budget: Some(&budget),
        ..POLICY
    };
    on_a_loop(async |timer| {
        let refused = async || {
            retry(&timer, policy, backoff(), |number| {
                ready(Err::<(), _>(Failed::NotDone(number)))
            })
            .await
            .unwrap_err()
        };
        let first = refused().await;
        assert_eq!((first.because, first.attempts), (Because::Budget, 3));
        assert_eq!(refused().await.attempts, 1);
        for _ in 0..10 {
            let well = retry(&timer, policy, backoff(), |_| {
                ready(Ok::<_, Failed<()>>(()))
            });
            well.await.unwrap();
        }
        assert_eq!(refused().await.attempts, 2);
    });
}

#[test]
fn a_cancelled_retry_leaves_no_attempt_and_no_timer() {
    for polls in 0..6 {
        let event_loop = EventLoop::with_driver(JumpingDriver::new());
        let timer = event_loop.handle();
        let (values, attempts) = (DropCounter::new(), Rc::new(Cell::new(0)));
        let (alive, made) = (values.clone(), Rc::clone(&attempts));
        let backoff = backoff();
        let mut call = Box::pin(retry(&timer, POLICY, backoff, |_| {
            made.set(made.get() + 1);
            let token = alive.token();
            let sleep = timer.sleep(SECOND);
            async move {
                sleep.await;
                drop(token);
                Err::<(), _>(Failed::NotDone(()))
            }
        }));
        for _ in 0..polls {
            let _pending = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(values.alive() <= 1);
            event_loop.block_on(timer.sleep(SECOND));
        }
        drop(call);
        assert_eq!(
            (values.alive(), event_loop.timers()),
            (0, 0),
            "after {polls} polls"
        );
    }
}

#[test]
fn a_panic_of_the_operation_passes_through_and_is_not_tried_again() {
    let attempts = Cell::new(0);
    let panic = probe::panics::expected(|| {
        on_a_loop(async |timer| {
            let backoff = backoff();
            let call = pin!(retry(&timer, POLICY, backoff, |number| {
                attempts.set(number);
                async { panic!("boom") }
            }));
            let _: Result<(), GaveUp<()>> = call.await;
        });
    });
    assert_eq!(panic.unwrap_err().message, "boom");
    assert_eq!(attempts.get(), 1);
}
