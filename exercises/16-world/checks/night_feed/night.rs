//! One night: the client against a scripted server, and what is expected of it.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use event_loop::{JoinHandle, Time};
use probe::{Recorder, Run, panics, run};
use probe_loop::SimLoop;

use super::super::subject::listen;
use super::socket::{Happened, Misuse, Returned, Script, Seen, Socket};
use super::{EVERY, UNTIL};

/// What happened, and the recording's run.
pub(super) struct Night {
    pub(super) run: Run,
    pub(super) log: Vec<(u64, Happened)>,
    pub(super) seen: Seen,
}

impl Night {
    /// Runs the client until it returns, or until five minutes have passed.
    pub(super) fn new(run: Run, script: Script) -> Night {
        let (log, seen) = listened(&run, run.recorder(), script);
        match seen.misuse {
            Some(Misuse::SentWithoutRoom) => run.departs(
                "`start_send` was called, and `poll_ready` had not been ready since the item before. `SinkExt::send` asks first.",
            ),
            Some(Misuse::PolledAfterTheEnd) => run.diagnose(
                "polled-after-none",
                "The stream had ended or failed, and it was polled again.",
            ),
            None => Night { run, log, seen },
        }
    }

    pub(super) fn times(&self, of: impl Fn(&Happened) -> bool) -> Vec<u64> {
        let log = self.log.iter().filter(|(_, happened)| of(happened));
        log.map(|(at, _)| *at).collect()
    }

    pub(super) fn pings(&self) -> Vec<u64> {
        self.times(|happened| *happened == Happened::Ping)
    }

    pub(super) fn is_sink_closed(&self) -> bool {
        !self
            .times(|happened| *happened == Happened::SinkClosed)
            .is_empty()
    }

    /// When texts were passed on.
    pub(super) fn texts(&self) -> Vec<u64> {
        self.times(|happened| matches!(happened, Happened::Text(_)))
    }

    pub(super) fn returned(&self) -> Option<(u64, Returned)> {
        self.log.iter().find_map(|(at, happened)| match happened {
            Happened::Returned(returned) => Some((*at, *returned)),
            _ => None,
        })
    }

    #[track_caller]
    pub(super) fn expect_pings(&self, expected: &[u64]) {
        let pings = self.pings();
        let took_it_for_sent = self.returned() == Some((2 * EVERY, Returned::Silent));
        if pings.is_empty() && (self.seen.unflushed > 0 || took_it_for_sent && keeps_a_ping()) {
            self.run.diagnose(
                "ping-not-flushed",
                "The ping of 20 s did not reach the server, and the client took it for sent. A sink may keep an item until it is flushed.",
            );
        }
        if pings.is_empty() && took_it_for_sent {
            self.run.departs(
                "A ping was due at 20 s, and the sink got none. At 40 s the client took the server for silent, although it had asked nothing.",
            );
        }
        // A ping is due, nothing keeps the sink from taking it, and the next one comes a little late.
        let late = std::iter::zip(&pings, expected).find(|(at, due)| at != due);
        if let Some((at, due)) = late.filter(|(at, due)| (**due + 1..**due + EVERY).contains(*at)) {
            self.run.diagnose(
                "ping-noticed-late",
                format!("A ping was due at {due} s, and the server got it at {at} s. The sink had room: your client noticed late that it was due."),
            );
        }
        if pings != expected {
            self.run.departs(format!(
                "Pings at {expected:?} s are expected. They were at {pings:?} s."
            ));
        }
    }

    #[track_caller]
    pub(super) fn expect_texts(&self, expected: &[u64]) {
        if self.texts() != expected {
            let texts = self.texts();
            self.run.departs(format!(
                "Texts arrived at {expected:?} s. They were passed on at {texts:?} s."
            ));
        }
    }

    /// The server has closed the connection.
    #[track_caller]
    pub(super) fn expect_an_answer(&self) {
        let answers = self.times(|happened| *happened == Happened::SinkClosed);
        if answers.is_empty()
            && self
                .returned()
                .is_some_and(|(_, returned)| returned == Returned::Closed)
        {
            self.run.diagnose(
                "close-unanswered",
                "The server closed the connection at 147 s, and the sink was not closed: the server gets no answer, and waits for one.",
            );
        }
    }

    #[track_caller]
    pub(super) fn expect_return(&self, at: u64, returned: Returned) {
        match self.returned() {
            Some((when, what)) if (when, what) == (at, returned) => {}
            Some((when, what)) => self.run.departs(format!(
                "`{returned:?}` at {at} s is expected. The call returned `{what:?}` at {when} s."
            )),
            None => self.run.departs(format!(
                "`{returned:?}` at {at} s is expected. The call had not returned at {UNTIL} s."
            )),
        }
    }
}

/// Whether the ping of 20 s is handed to the sink with the next one, in a night with a text each 15 s: half of a socket may keep it
/// until then.
fn keeps_a_ping() -> bool {
    let run = run!();
    let script = Script {
        texts: &[13, 28, 43, 58, 73],
        hangs_up: None,
        ..super::QUIET
    };
    let (log, seen) = listened(&run, run.recorder(), script);
    seen.unflushed > 0 || log.iter().any(|(_, happened)| *happened == Happened::Ping)
}

pub(super) fn listened(
    run: &Run,
    recorder: &Recorder,
    script: Script,
) -> (Vec<(u64, Happened)>, Seen) {
    let sim = SimLoop::new(&run!());
    let socket = Socket::new(sim.handle(), recorder.clone(), script);
    let seen = Rc::clone(&socket.seen);
    let (handle, noted, told) = (sim.handle(), Rc::clone(&seen), recorder.clone());
    let clock = sim.handle();
    let call = async move {
        let now = move || clock.now().since_start().as_secs();
        let (heard, heard_at, said) = (Rc::clone(&noted), now.clone(), told.clone());
        let ended = listen(&handle, socket, Duration::from_secs(EVERY), move |_text| {
            said.set_time(Duration::from_secs(heard_at()));
            said.says("client", "passes the text on");
            heard
                .borrow_mut()
                .log
                .push((heard_at(), Happened::Text(heard_at())));
        })
        .await;
        told.set_time(Duration::from_secs(now()));
        told.says("client", format!("returns {ended:?}"));
        noted
            .borrow_mut()
            .log
            .push((now(), Happened::Returned(ended.into())));
    };
    let mut joined: JoinHandle<()> = sim.handle().spawn(call);
    let end = Time::START + Duration::from_secs(UNTIL);
    let ran = panics::expected(|| {
        let _stuck = sim.run_until(|| joined.is_finished() || sim.handle().now() >= end);
    });
    if let Err(panic) = ran {
        run.departs(format!("The program panicked: {}.", panic.message));
    }
    if joined.is_finished() {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(Err(error)) = Pin::new(&mut joined).poll(&mut context) {
            let error = error.to_string();
            if error.contains("already borrowed") || error.contains("already mutably borrowed") {
                run.diagnose(
                    "borrowed-across-await",
                    format!(
                        "The call ended: {error}. One of the two futures keeps its borrow while it waits, and the other one borrows meanwhile."
                    ),
                );
            }
            run.departs(format!("The call ended: {error}."));
        }
    } else {
        joined.abort();
    }
    let _stuck = sim.run_until(|| seen.borrow().dropped);
    if !seen.borrow().dropped || sim.event_loop().timers() > 0 {
        run.departs("The future of `listen` is gone, and its socket or a timer is left.");
    }
    let seen = std::mem::take(&mut *seen.borrow_mut());
    let mut log = seen.log.clone();
    log.retain(|(at, _)| *at < UNTIL);
    (log, seen)
}
