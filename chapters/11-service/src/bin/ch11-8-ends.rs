//! What a supervisor does at each end of a child, by the child's kind; and what a circuit breaker does at each event,
//! by its state.

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, Spawn};
use service::{CircuitBreaker, Refused, Report, Restart, Supervisor};
use wakers::oneshot;

const SECOND: Duration = Duration::from_secs(1);

fn main() {
    closed_output::end_quietly();
    supervisor();
    println!();
    breaker();
}

type Ends = (&'static str, fn() -> Result<(), &'static str>);

// ANCHOR: supervisor
fn supervisor() {
    let ends: [Ends; 3] = [
        ("Ok", || Ok(())),
        ("Err", || Err("failed")),
        ("panic", || panic!("boom")),
    ];
    println!("the child          below the limit      at the limit");
    for restart in [Restart::Permanent, Restart::Transient, Restart::Temporary] {
        for (name, end) in ends {
            let kind = format!("{restart:?}, {name}");
            println!(
                "{kind:18} {:20} {}",
                then(restart, end, 1),
                then(restart, end, 0)
            );
        }
    }
}
// ANCHOR_END: supervisor

/// What becomes of a child that ends after a second, with this many restarts allowed.
fn then(restart: Restart, end: fn() -> Result<(), &'static str>, intensity: usize) -> &'static str {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let spawn: Rc<dyn Spawn> = Rc::new(handle.clone());
    let reports = Rc::new(RefCell::new(Vec::new()));
    let (seen, timer) = (Rc::clone(&reports), handle.clone());
    let mut first = true;
    let supervisor = Supervisor::new(intensity, 5 * SECOND)
        .observed(move |report| seen.borrow_mut().push(report))
        .child("child", restart, move || {
            let (timer, ends) = (timer.clone(), std::mem::take(&mut first));
            async move {
                timer.sleep(SECOND).await;
                if ends { end() } else { Ok(()) }
            }
        });
    let result = event_loop.block_on(supervisor.run(&spawn, &handle));
    let starts = reports
        .borrow()
        .iter()
        .filter(|report| matches!(report, Report::Started(_)))
        .count();
    match (result, starts) {
        (_, 2) => "starts again",
        (Err(_), _) => "escalates",
        (Ok(()), _) => "is not started again",
    }
}

// ANCHOR: breaker
fn breaker() {
    let states = [
        "Closed, 0 failures",
        "Closed, 1 failure",
        "Open",
        "Open, time is up",
        "HalfOpen",
    ];
    println!(
        "{:20}comes           succeeds        fails           is dropped",
        "a call"
    );
    for state in states {
        let cells = ["comes", "succeeds", "fails", "is dropped"].map(|event| after(state, event));
        println!(
            "{state:20}{:16}{:16}{:16}{}",
            cells[0], cells[1], cells[2], cells[3]
        );
    }
}
// ANCHOR_END: breaker

/// Brings a breaker with the threshold 2 into a state, makes a call that ends so, and says what followed.
fn after(state: &str, event: &str) -> String {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let timer = event_loop.handle();
    let breaker = CircuitBreaker::new(timer.clone(), 2, 10 * SECOND);
    event_loop.block_on(async {
        let failures = match state {
            "Closed, 0 failures" => 0,
            "Closed, 1 failure" => 1,
            _ => 2,
        };
        for _ in 0..failures {
            let _failed = breaker.call(|| async { Err::<(), _>(()) }).await;
        }
        if matches!(state, "Open, time is up" | "HalfOpen") {
            timer.sleep(10 * SECOND).await;
        }
        let mut probe = Box::pin(breaker.call(|| async { pending::<Result<(), ()>>().await }));
        if state == "HalfOpen" {
            let _pending = poll_once(probe.as_mut()).await;
        }
        call(&breaker, event, &timer).await
    })
}

async fn call(breaker: &CircuitBreaker<Handle>, event: &str, timer: &Handle) -> String {
    let (answer, answered) = oneshot::channel::<Result<(), ()>>();
    let mut call = Box::pin(breaker.call(|| async { answered.await.expect("it is answered") }));
    let refused = poll_once(call.as_mut()).await == Poll::Ready(Err(Refused::Open));
    match event {
        _ if refused && event == "comes" => return "refused".to_owned(),
        _ if refused => return "–".to_owned(),
        "comes" => return format!("made: {:?}", breaker.state()),
        "is dropped" => drop(call),
        _ => {
            let _sent = answer.send(if event == "succeeds" { Ok(()) } else { Err(()) });
            let _answer = call.await;
        }
    }
    timer.sleep(Duration::from_millis(1)).await;
    format!("{:?}", breaker.state())
}

async fn poll_once<F: Future>(mut future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}
