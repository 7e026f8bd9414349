//! Parts start in order. Each that has started is cleaned up once, in reverse, after every fault and drop.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Wake, Waker};

use event_loop::{EventLoop, JumpingDriver, Spawn, yield_now};
use probe::panics;
use probe_loop::ManualLoop;
use service::{Lifecycle, NotStarted, Phase, Running};
use std::time::Duration;

/// How scripted work ends, after returning `Pending` once or not at all.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ends {
    Well,
    Badly,
    InAPanic,
}

#[derive(Debug, Clone, Copy)]
struct Script {
    start: (bool, Ends),
    cleanup: Option<(bool, Ends)>,
}

type Log = Rc<RefCell<Vec<String>>>;

/// Says when it is dropped before it has finished.
struct Guard(Log, String);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.borrow_mut().push(self.1.clone());
    }
}

async fn scripted(
    log: Log,
    name: &'static str,
    what: &str,
    (waits, ends): (bool, Ends),
) -> Result<(), String> {
    let says = |text: &str| log.borrow_mut().push(format!("{name} {what}: {text}"));
    let guard = Guard(Rc::clone(&log), format!("{name} {what}: is dropped"));
    says("begins");
    if waits {
        yield_now().await;
    }
    let text = match ends {
        Ends::Well => "finishes",
        Ends::Badly => "fails",
        Ends::InAPanic => "panics",
    };
    says(text);
    std::mem::forget(guard);
    match ends {
        Ends::Well => Ok(()),
        Ends::Badly => Err(format!("{name} {what}")),
        Ends::InAPanic => panic!("{name} {what}"),
    }
}

const NAMES: [&str; 3] = ["a", "b", "c"];

fn lifecycle(scripts: &[Script], log: &Log, spawn: &Rc<dyn Spawn>) -> Lifecycle<String> {
    let mut lifecycle = Lifecycle::new(spawn);
    for (script, name) in scripts.iter().zip(NAMES) {
        let start = scripted(Rc::clone(log), name, "start", script.start);
        match script.cleanup {
            None => lifecycle.on_startup(name, start),
            Some(cleanup) => {
                let cleanup = scripted(Rc::clone(log), name, "clean-up", cleanup);
                lifecycle.context(name, async move { start.await.map(|()| cleanup) });
            }
        }
    }
    lifecycle
}

/// What has to be logged if the future in progress is dropped when it has returned `Pending` so often.
fn expected(scripts: &[Script], pendings: usize) -> Vec<String> {
    let (mut lines, mut started, mut left) = (Vec::new(), Vec::new(), pendings);
    let work = |lines: &mut Vec<String>,
                name: &str,
                what: &str,
                (waits, ends): (bool, Ends),
                left: &mut usize| {
        lines.push(format!("{name} {what}: begins"));
        if waits {
            if *left == 0 && what == "start" {
                lines.push(format!("{name} {what}: is dropped"));
                return None;
            }
            *left = left.saturating_sub(1);
        }
        let text = match ends {
            Ends::Well => "finishes",
            Ends::Badly => "fails",
            Ends::InAPanic => "panics",
        };
        lines.push(format!("{name} {what}: {text}"));
        Some(ends == Ends::Well)
    };
    for (script, name) in scripts.iter().zip(NAMES) {
        if work(&mut lines, name, "start", script.start, &mut left) != Some(true) {
            break;
        }
        started.push((name, script.cleanup));
    }
    for (name, cleanup) in started.into_iter().rev() {
        if let Some(cleanup) = cleanup {
            work(&mut lines, name, "clean-up", cleanup, &mut left);
        }
    }
    lines
}

/// The other way round: what is logged.
fn happens(scripts: &[Script], pendings: usize) -> (Vec<String>, Phase) {
    let (log, event_loop) = (Log::default(), Rc::new(ManualLoop::default()));
    let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
    let lifecycle = lifecycle(scripts, &log, &spawn);
    let readiness = lifecycle.readiness();
    let whole = async {
        match lifecycle.start().await {
            Ok(running) => running.stop().await.len(),
            Err(not_started) => not_started.cleanups.len() + 1,
        }
    };
    let mut whole = Box::pin(whole);
    for poll in 0..=pendings {
        // A waker of its own for each poll.
        let waker = Waker::from(std::sync::Arc::new(Quiet));
        let polled = panics::expected(|| whole.as_mut().poll(&mut Context::from_waker(&waker)));
        match polled {
            Ok(Poll::Ready(failures)) => {
                let fails = |line: &&String| line.ends_with("fails") || line.ends_with("panics");
                assert_eq!(log.borrow().iter().filter(fails).count(), failures);
                assert!(poll <= pendings);
                break;
            }
            Ok(Poll::Pending) => {}
            Err(panic) => panic!("it panicked: {}", panic.message),
        }
    }
    drop(whole);
    assert!(event_loop.run(), "the loop does not come to rest");
    assert_eq!(event_loop.kept(), 0, "a task is left");
    let lines = log.borrow().clone();
    (lines, readiness.phase())
}

struct Quiet;

impl Wake for Quiet {
    fn wake(self: std::sync::Arc<Self>) {}
}

#[test]
fn after_every_end_and_every_drop_what_has_started_is_cleaned_up_in_reverse() {
    let all = [Ends::Well, Ends::Badly, Ends::InAPanic];
    let works: Vec<(bool, Ends)> = all
        .iter()
        .flat_map(|&ends| [(false, ends), (true, ends)])
        .collect();
    let mut scripts = Vec::new();
    for &start in &works {
        scripts.push(Script {
            start,
            cleanup: None,
        });
        scripts.extend(works.iter().map(|&cleanup| Script {
            start,
            cleanup: Some(cleanup),
        }));
    }
    let well = Script {
        start: (true, Ends::Well),
        cleanup: Some((true, Ends::Badly)),
    };
    for &first in &scripts {
        for &second in &scripts {
            for parts in [vec![first, second], vec![well, first, second]] {
                for pendings in 0..=6 {
                    let (lines, phase) = happens(&parts, pendings);
                    assert_eq!(
                        lines,
                        expected(&parts, pendings),
                        "{parts:?}, dropped after {pendings}"
                    );
                    assert_eq!(phase, Phase::Stopped, "{parts:?}, dropped after {pendings}");
                }
            }
        }
    }
}

/// Runs this on a loop whose clock jumps.
fn on_a_loop<T>(main: impl AsyncFnOnce(Rc<dyn Spawn>, event_loop::Handle) -> T) -> T {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let spawn: Rc<dyn Spawn> = Rc::new(event_loop.handle());
    event_loop.block_on(main(spawn, event_loop.handle()))
}

#[test]
fn readiness_follows_the_parts() {
    on_a_loop(async |spawn, handle| {
        let mut lifecycle: Lifecycle<String> = Lifecycle::new(&spawn);
        let readiness = lifecycle.readiness();
        let (timer, seen) = (handle.clone(), readiness.clone());
        lifecycle.context("a", async move {
            timer.sleep(Duration::from_secs(1)).await;
            assert_eq!(seen.phase(), Phase::Starting);
            Ok(async move {
                assert_eq!(seen.phase(), Phase::Stopping);
                Ok(())
            })
        });
        let running = lifecycle.start().await.unwrap();
        assert!(readiness.is_ready());
        let stopping = running.stop();
        assert_eq!(readiness.phase(), Phase::Stopping);
        assert!(stopping.await.is_empty());
        assert_eq!(readiness.phase(), Phase::Stopped);
    });
}

#[test]
fn a_running_service_that_is_dropped_is_cleaned_up_by_the_loop() {
    on_a_loop(async |spawn, _| {
        let log = Log::default();
        let well = Script {
            start: (false, Ends::Well),
            cleanup: Some((true, Ends::Well)),
        };
        let lifecycle = lifecycle(&[well, well], &log, &spawn);
        let readiness = lifecycle.readiness();
        let running: Running<String> = lifecycle.start().await.unwrap();
        drop(running);
        assert_eq!(readiness.phase(), Phase::Stopping);
        assert_eq!(log.borrow().len(), 4, "the drop itself polls no clean-up");
        for _ in 0..5 {
            yield_now().await;
        }
        assert_eq!(readiness.phase(), Phase::Stopped);
        assert_eq!(
            log.borrow()[4..6],
            ["b clean-up: begins", "b clean-up: finishes"]
        );
        assert_eq!(
            log.borrow()[6..],
            ["a clean-up: begins", "a clean-up: finishes"]
        );
    });
}

#[test]
fn a_lifecycle_that_is_never_started_does_nothing() {
    let event_loop = Rc::new(ManualLoop::default());
    let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
    let log = Log::default();
    let well = Script {
        start: (false, Ends::Well),
        cleanup: Some((false, Ends::Well)),
    };
    drop(lifecycle(&[well], &log, &spawn));
    let mut lifecycle: Lifecycle<String> = lifecycle(&[well], &log, &spawn);
    lifecycle.on_cleanup("b", async { panic!("it is never polled") });
    drop(lifecycle.start());
    assert_eq!((event_loop.kept(), log.borrow().len()), (0, 0));
}

#[test]
fn no_parts_are_a_service_too() {
    on_a_loop(async |spawn, _| {
        let lifecycle: Lifecycle<String> = Lifecycle::new(&spawn);
        let readiness = lifecycle.readiness();
        let running = lifecycle.start().await.unwrap();
        assert!(readiness.is_ready());
        assert!(running.stop().await.is_empty());
        assert_eq!(readiness.phase(), Phase::Stopped);
    });
}

#[test]
fn failures_of_a_dropped_stop_are_reported() {
    let event_loop = Rc::new(ManualLoop::default());
    let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
    let log = Log::default();
    let fails = |waits| Script {
        start: (false, Ends::Well),
        cleanup: Some((waits, Ends::Badly)),
    };
    let lifecycle = lifecycle(&[fails(false), fails(true), fails(false)], &log, &spawn);
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(Ok(running)) = Pin::new(&mut lifecycle.start()).poll(&mut context) else {
        panic!("no start waits");
    };
    let mut stopping = running.stop();
    assert!(Pin::new(&mut stopping).poll(&mut context).is_pending());
    drop(stopping);
    assert_eq!(event_loop.reports(), Vec::<String>::new());
    assert!(event_loop.run());
    let reports = event_loop.reports();
    assert_eq!(reports.len(), 3, "{reports:?}");
    for (report, name) in reports.iter().zip(["c", "b", "a"]) {
        assert!(
            report.contains(&format!("{name}: {name} clean-up")),
            "{reports:?}"
        );
    }
}

#[test]
fn on_a_closed_loop_what_is_left_is_dropped() {
    let event_loop = Rc::new(ManualLoop::default());
    let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
    let log = Log::default();
    let well = Script {
        start: (false, Ends::Well),
        cleanup: Some((false, Ends::Well)),
    };
    let mut starting = lifecycle(&[well], &log, &spawn).start();
    let mut context = Context::from_waker(Waker::noop());
    let Poll::Ready(Ok(running)) = Pin::new(&mut starting).poll(&mut context) else {
        panic!("no start waits");
    };
    event_loop.close();
    drop(running);
    assert_eq!(log.borrow()[..], ["a start: begins", "a start: finishes"]);
}

#[test]
fn a_failure_says_which_part_it_was() {
    on_a_loop(async |spawn, _| {
        let mut lifecycle = Lifecycle::new(&spawn);
        lifecycle.context("cache", async { Ok(async { Err("disk full") }) });
        lifecycle.on_startup("database", async { Err("no route") });
        let not_started: NotStarted<&str> = lifecycle.start().await.unwrap_err();
        assert_eq!(
            not_started.to_string(),
            "cannot start database: no route; clean-up of cache: disk full"
        );
    });
}

#[test]
fn a_hundred_thousand_parts_start_and_stop() {
    on_a_loop(async |spawn, _| {
        let mut lifecycle: Lifecycle<String> = Lifecycle::new(&spawn);
        for _ in 0..100_000 {
            lifecycle.context("part", async { Ok(async { Ok(()) }) });
        }
        assert!(lifecycle.start().await.unwrap().stop().await.is_empty());
    });
}
