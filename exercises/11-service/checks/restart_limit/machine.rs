//! Every short run of restarts and times, beside the reference.

use std::borrow::Cow;
use std::time::Duration;

use event_loop::Time;
use probe::Run;
use probe::runs::{Machine, Operation, Search, Step, compare_two};

#[derive(Clone, Copy)]
enum Event {
    Restart,
    Passes(u64),
}

const ALPHABET: [Event; 4] = [
    Event::Restart,
    Event::Passes(1),
    Event::Passes(4),
    Event::Passes(5),
];

impl Operation for Event {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Event::Restart => "supervisor".into(),
            Event::Passes(_) => "clock".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Event::Restart => "calls allows".into(),
            Event::Passes(seconds) => format!("{seconds} s pass").into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Event::Restart => "a restart was asked for".into(),
            Event::Passes(seconds) => format!("{seconds} s passed").into(),
        }
    }
}

/// The same machine on the learner's file and on the chapter's.
macro_rules! machine {
    ($name:ident, $limit:path) => {
        struct $name {
            limit: $limit,
            now: Time,
        }

        impl $name {
            fn new(intensity: usize) -> $name {
                $name {
                    limit: <$limit>::new(intensity, Duration::from_secs(5)),
                    now: Time::START,
                }
            }
        }

        impl Machine for $name {
            type Operation = Event;

            fn apply(&mut self, event: &Event) -> Option<Step> {
                Some(match event {
                    Event::Restart => Step::of(self.limit.allows(self.now).to_string()),
                    Event::Passes(seconds) => {
                        self.now = self.now + Duration::from_secs(*seconds);
                        Step::of("done")
                    }
                })
            }

            fn end(self) -> Step {
                Step::of("dropped")
            }
        }
    };
}

machine!(Yours, super::super::subject::RestartLimit);
machine!(Reference, service::RestartLimit);

pub(super) fn compare(run: &Run) {
    for intensity in 1..=3 {
        Search::of(&ALPHABET)
            .up_to(5)
            .and_random(60, 40, 5)
            .compare(run, || Yours::new(intensity), || Reference::new(intensity));
        let (yours, right) = (|| Yours::new(intensity), || Reference::new(intensity));
        compare_two(run, &ALPHABET[..2], 5, yours, right);
    }
}
