//! Every short run of failures, connections and times, beside the reference.

use std::borrow::Cow;
use std::time::Duration;

use super::world::{Eighths, HEALTHY, SECOND};
use event_loop::Time;
use probe::Run;
use probe::runs::{Machine, Operation, Search, Step, compare_two};

/// What can happen to a client.
#[derive(Clone, Copy)]
enum Event {
    Fails,
    Connects,
    Passes(u64),
}

const ALPHABET: [Event; 4] = [
    Event::Fails,
    Event::Connects,
    Event::Passes(4),
    Event::Passes(6),
];

impl Operation for Event {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Event::Fails | Event::Connects => "client".into(),
            Event::Passes(_) => "clock".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Event::Fails => "calls next_delay".into(),
            Event::Connects => "calls connected".into(),
            Event::Passes(seconds) => format!("{seconds} s pass").into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Event::Fails => "there was a failure".into(),
            Event::Connects => "a connection was established".into(),
            Event::Passes(seconds) => format!("{seconds} s passed").into(),
        }
    }
}

/// The same machine on the learner's file and on the chapter's.
macro_rules! machine {
    ($name:ident, $backoff:path, $delays:path) => {
        struct $name {
            backoff: $backoff,
            jitter: Eighths,
            now: Time,
        }

        impl $name {
            fn new(listed: bool) -> $name {
                use $delays as Delays;
                const LIST: [Duration; 3] =
                    [SECOND, Duration::from_secs(3), Duration::from_secs(5)];
                let delays = match listed {
                    true => Delays::Listed(&LIST),
                    false => Delays::Doubling {
                        first: SECOND,
                        cap: 5 * SECOND,
                    },
                };
                let jitter = Eighths::default();
                jitter.fewer.set(3);
                $name {
                    backoff: <$backoff>::new(delays, HEALTHY, jitter.clone()),
                    jitter,
                    now: Time::START + 7 * SECOND,
                }
            }
        }

        impl Machine for $name {
            type Operation = Event;

            fn apply(&mut self, event: &Event) -> Option<Step> {
                let step = match event {
                    Event::Fails => Step::of(format!("{:?}", self.backoff.next_delay(self.now))),
                    Event::Connects => {
                        self.backoff.connected(self.now);
                        Step::of("done")
                    }
                    Event::Passes(seconds) => {
                        self.now = self.now + Duration::from_secs(*seconds);
                        Step::of("done")
                    }
                };
                let asked = self.jitter.asked.take();
                Some(match &asked[..] {
                    [] => step.absence("jitter", "is not asked"),
                    asked => step.fact("jitter", format!("is asked with {asked:?}")),
                })
            }

            fn end(self) -> Step {
                Step::of("dropped")
            }
        }
    };
}

machine!(
    Yours,
    super::super::subject::Backoff<Eighths>,
    super::super::subject::Delays
);
machine!(Reference, service::Backoff<Eighths>, service::Delays);

pub(super) fn compare(run: &Run) {
    for listed in [true, false] {
        Search::of(&ALPHABET)
            .up_to(5)
            .and_random(100, 40, 11)
            .compare(run, || Yours::new(listed), || Reference::new(listed));
        let (yours, right) = (|| Yours::new(listed), || Reference::new(listed));
        compare_two(run, &ALPHABET[..3], 4, yours, right);
    }
}
