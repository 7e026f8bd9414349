//! The laws of this course's futures, for a connection to PostgreSQL: dropped at every suspension point, polled spuriously and with
//! another waker each time, on a stream whose every operation can be short, pending, interrupted, empty or an error. The server is a
//! script, so these tests need no PostgreSQL.

use std::cell::RefCell;
use std::rc::Rc;

use event_loop::Handle;
use futures::future::join_all;
use probe_io::hostile::Script;
use world::far_server::FarServer;
use world::postgres::{Config, Error, connect};

use super::scripted::{MILLI, ask, script};
use crate::rough::{Rough, Watched, ends, is_harmless, scripts, small_pieces};

const CALLERS: usize = 3;

/// What the start and the calls came to.
#[derive(Debug)]
struct Outcome {
    /// Whether the client was let in. `None` if the start was dropped.
    started: Option<Result<(), Error>>,
    /// Of each caller, in their order.
    answers: Vec<Result<usize, Error>>,
    /// How the connection's future ended. `None` if it was dropped.
    ended: Option<Result<(), Error>>,
}

/// Where the future under test is dropped: that of the start, or that of the connection.
#[derive(Clone, Copy)]
enum Dropped {
    Start(usize),
    Connection(usize),
    Never,
}

async fn calls(handle: &Handle, behaves: &Script, dropped: Dropped) -> Outcome {
    let rough = Rough::new(FarServer::new(handle, MILLI, script()), handle, behaves);
    let stream_is_gone = rough.dropped();
    let (of_start, of_connection) = match dropped {
        Dropped::Start(polls) => (polls, usize::MAX),
        Dropped::Connection(polls) => (usize::MAX, polls),
        Dropped::Never => (usize::MAX, usize::MAX),
    };
    let config = Config::new("anyone");
    let starting = Watched::dropped_after(of_start, connect(rough, &config));
    let kept_by_the_start = starting.kept();
    let started = starting.await;
    // The server in memory keeps the waker of a read until it answers.
    handle.sleep(2 * MILLI).await;
    assert_eq!(
        kept_by_the_start.count(),
        0,
        "the start keeps wakers: {behaves:?}"
    );
    let (client, connection) = match started {
        Some(Ok(both)) => both,
        refused => {
            assert!(*stream_is_gone.borrow(), "{behaves:?}");
            return Outcome {
                started: refused.map(|refused| refused.map(|_| ())),
                answers: Vec::new(),
                ended: None,
            };
        }
    };
    let connection = Watched::dropped_after(of_connection, connection);
    let kept = connection.kept();
    let ended = handle.spawn(connection);
    let numbers = Rc::new(RefCell::new(Vec::new()));
    let callers = (0..CALLERS).map(|number| {
        let (client, numbers) = (&client, Rc::clone(&numbers));
        Watched::new(async move {
            let answer = ask(client, number).await;
            numbers.borrow_mut().push(number);
            answer
        })
    });
    let callers: Vec<_> = callers.collect();
    let kept_by_callers: Vec<_> = callers.iter().map(Watched::kept).collect();
    let answers = join_all(callers).await.into_iter().map(Option::unwrap);
    let answers: Vec<_> = answers.collect();
    assert_eq!(client.in_flight(), 0, "{behaves:?}");
    // A caller that comes after the end is told, too.
    let late = ask(&client, 9).await;
    assert!(late == Ok(9) || late.is_err(), "{behaves:?}: {late:?}");
    drop(client);
    let ended = ended.await.unwrap();
    handle.sleep(2 * MILLI).await;
    assert!(*stream_is_gone.borrow(), "the stream is kept: {behaves:?}");
    assert_eq!(kept.count(), 0, "wakers are kept: {behaves:?}");
    assert!(
        kept_by_callers.iter().all(|kept| kept.count() == 0),
        "{behaves:?}"
    );
    assert_eq!(
        numbers.borrow().len(),
        CALLERS,
        "each is told once: {behaves:?}"
    );
    Outcome {
        started: Some(Ok(())),
        answers,
        ended,
    }
}

/// Each answer is the caller's own or an error; after the first error there are no answers.
fn are_their_own(answers: &[Result<usize, Error>]) -> bool {
    let good = answers.iter().take_while(|answer| answer.is_ok()).count();
    let own = |(number, answer): (usize, &Result<usize, Error>)| *answer == Ok(number);
    answers.iter().enumerate().take(good).all(own) && answers[good..].iter().all(Result::is_err)
}

/// The scripts, and the same behind a start on a stream that works.
fn scripts_of_both_phases() -> Vec<Script> {
    let mut scripts = scripts();
    let at_once = scripts.clone();
    for mut script in at_once {
        // The start writes once, flushes once, and reads once.
        for answers in [&mut script.reads, &mut script.writes, &mut script.flushes] {
            answers.insert(0, probe_io::hostile::Answer::All);
        }
        scripts.push(script);
    }
    scripts
}

#[test]
fn every_caller_gets_its_own_answer_or_an_error_whatever_the_stream_does() {
    let mut lost = 0;
    for script in scripts_of_both_phases() {
        let outcome = ends(async |handle| calls(&handle, &script, Dropped::Never).await);
        let answers = &outcome.answers;
        assert!(are_their_own(answers), "{script:?}: {answers:?}");
        if is_harmless(&script) {
            assert_eq!(answers.len(), CALLERS, "{script:?}: {outcome:?}");
            assert!(answers.iter().all(Result::is_ok), "{script:?}: {answers:?}");
            assert_eq!(outcome.ended, Some(Ok(())), "{script:?}");
        }
        if answers.iter().any(Result::is_err) {
            lost += 1;
            assert!(
                matches!(outcome.ended, Some(Err(_))),
                "{script:?}: the connection was lost"
            );
        }
        if answers.is_empty() {
            assert!(matches!(outcome.started, Some(Err(_))), "{script:?}");
        }
    }
    assert!(lost > 100, "only {lost} scripts broke a connection in use");
}

#[test]
fn a_start_that_is_dropped_at_any_suspension_point_leaves_nothing() {
    let script = small_pieces(3);
    for polls in 0.. {
        let outcome = ends(async |handle| calls(&handle, &script, Dropped::Start(polls)).await);
        if outcome.started.is_some() {
            assert!(polls > 10, "it was dropped at {polls} places only");
            return;
        }
    }
}

#[test]
fn a_connection_that_is_dropped_at_any_suspension_point_tells_every_caller() {
    let script = small_pieces(3);
    for polls in 0.. {
        let dropped = Dropped::Connection(polls);
        let outcome = ends(async |handle| calls(&handle, &script, dropped).await);
        assert!(
            are_their_own(&outcome.answers),
            "after {polls} polls: {outcome:?}"
        );
        if let Some(ended) = outcome.ended {
            assert_eq!(ended, Ok(()));
            assert!(polls > 20, "it was dropped at {polls} places only");
            return;
        }
    }
}
