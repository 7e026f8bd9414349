//! Who holds what and who waits for whom, and the verdict about a stuck loop that says so.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;

use event_loop::yield_now;
use futures::FutureExt;
use probe::panics::{Verdict, verdict_of};
use probe::run;
use probe_futures::Sim;
use probe_futures::stuck::{Explained, Explanation, explained_by};
use probe_loop::SimLoop;
use synchronization::wait_graph::{Edge, Resource, named};
use synchronization::{Mutex, Semaphore, WaitGraph};

#[test]
fn a_task_that_waits_points_to_the_task_that_holds() {
    let graph = WaitGraph::watch();
    let lock = Mutex::named("the log", ());
    let guard = named("a", lock.lock()).now_or_never();
    let mut waits = Box::pin(named("b", lock.lock()));
    assert!(waits.as_mut().now_or_never().is_none());
    assert_eq!(
        graph.to_string(),
        "a  holds the log\nb  waits for the log, which a holds\n"
    );
    drop(waits);
    assert_eq!(graph.to_string(), "a  holds the log\n");
    drop(guard);
    assert_eq!(graph.to_string(), "");
}

#[test]
fn several_tasks_hold_a_semaphore() {
    let graph = WaitGraph::watch();
    let semaphore = Semaphore::new(2);
    let places = Resource::new("the places");
    let take = |name| Box::pin(named(name, places.take(semaphore.acquire())));
    let held = ["a", "b"].map(|name| take(name).now_or_never().unwrap());
    let mut waits = take("c");
    assert!(waits.as_mut().now_or_never().is_none());
    let rows = graph.to_string();
    assert!(
        rows.ends_with("c  waits for the places, which a and b hold\n"),
        "{rows}"
    );
    drop(held);
    assert!(waits.now_or_never().is_some());
    assert_eq!(graph.to_string(), "");
}

#[test]
fn a_task_that_waits_for_itself_is_a_circle_of_one() {
    let graph = WaitGraph::watch();
    let lock = Mutex::named("the log", ());
    let mut task = Box::pin(named("a", async {
        let _guard = lock.lock().await;
        let _again = lock.lock().await;
    }));
    assert!(task.as_mut().now_or_never().is_none());
    assert_eq!(graph.circle(), ["a"]);
}

#[test]
fn a_circle_may_lead_through_the_second_of_two_holders() {
    let graph = WaitGraph::watch();
    let [places, lock, signal] = ["the places", "the lock", "the signal"].map(Resource::new);
    let as_task =
        |name, report: &dyn Fn() -> Edge| named(name, async { report() }).now_or_never().unwrap();
    // a and b have the two places. c waits for a place and has the lock, for which b waits.
    let _known = [
        as_task("a", &|| places.held()),
        as_task("b", &|| places.held()),
        as_task("c", &|| lock.held()),
        as_task("c", &|| places.waits()),
        as_task("b", &|| lock.waits()),
    ];
    assert_eq!(
        graph.circle(),
        Vec::<String>::new(),
        "a can go on, and then c"
    );
    let _ends = [
        as_task("a", &|| signal.waits()),
        as_task("a", &|| signal.held()),
    ];
    assert_eq!(graph.circle(), ["b", "c"]);
}

#[test]
fn without_a_watch_nothing_is_noted() {
    let lock = Mutex::new(());
    let guard = named("a", lock.lock()).now_or_never();
    let graph = WaitGraph::watch();
    assert!(graph.rows().is_empty());
    drop(guard);
}

#[test]
fn a_task_without_a_name_is_not_in_the_graph() {
    let graph = WaitGraph::watch();
    let lock = Mutex::new(());
    let guard = lock.lock().now_or_never();
    assert!(graph.rows().is_empty());
    drop(guard);
}

#[test]
fn the_name_of_the_outer_task_comes_back() {
    let graph = WaitGraph::watch();
    let (one, two) = (Mutex::named("one", ()), Mutex::named("two", ()));
    let kept = Cell::new(None);
    let task = named("outer", async {
        let inner = named("inner", one.lock()).await;
        kept.set(Some(inner));
        let _second = two.lock().await;
        yield_now().await;
    });
    let mut task = Box::pin(task);
    assert!(task.as_mut().now_or_never().is_none());
    assert_eq!(graph.to_string(), "inner  holds one\nouter  holds two\n");
}

#[test]
fn the_verdict_about_a_stuck_loop_says_which_task_holds_what_and_which_waits() {
    let verdict = verdict_of(|| {
        let sim_loop = SimLoop::new(&run!());
        let _explained = explained_by_a_graph();
        let locks = Rc::new([Mutex::named("the purse", ()), Mutex::named("the book", ())]);
        for (name, [first, second]) in [("a", [0, 1]), ("b", [1, 0])] {
            let locks = Rc::clone(&locks);
            let task = async move {
                let _first = locks[first].lock().await;
                yield_now().await;
                let _second = locks[second].lock().await;
            };
            drop(sim_loop.spawn(name, named(name, task)));
        }
        let stuck = sim_loop.drive_to_the_end();
        sim_loop.refuse_stuck(&stuck);
    });
    let Verdict::Broken(diagnosis) = verdict else {
        panic!("it is refused: {verdict:?}")
    };
    insta::assert_snapshot!(diagnosis.recording.to_string() + "\n" + &diagnosis.sentence);
}

#[test]
fn a_single_future_that_is_stuck_says_what_it_waits_for() {
    let run = run!();
    let _explained = explained_by_a_graph();
    let lock = Mutex::named("the log", ());
    let _guard = named("a", lock.lock()).now_or_never();
    let waits = named("b", async { drop(lock.lock().await) });
    assert!(Sim::new(&run).run("b", pin!(waits)).is_err());
    assert_eq!(
        run.recorder().recording().to_string(),
        " 1  b  waits for the log, which a holds\n 2  a  holds the log\n"
    );
}

fn explained_by_a_graph() -> Explained {
    let graph = WaitGraph::watch();
    explained_by(move || Explanation {
        tasks: graph
            .rows()
            .iter()
            .map(|row| (row.task.clone(), row.to_string()))
            .collect(),
        circle: graph.circle(),
    })
}
