//! 6.10 break-the-reader: a frame of which a part is lost.

#[path = "break_the_reader/faulty.rs"]
mod faulty;
#[path = "break_the_reader/pipe.rs"]
mod pipe;
#[path = "break_the_reader/right.rs"]
mod right;

use std::borrow::Cow;
use std::task::Poll;

use super::subject::{Step, schedule};
use pipe::Pipe;
use probe::breaking::{Breaking, Fault, Scheduled, Version};
use probe::{run, runs};
use probe_futures::seat::Seat;

const STEPS: [Step; 3] = [Step::Sends, Step::Polls, Step::Drops];

/// What the peer sends, again and again: a length, and two letters.
const FRAME: [u8; 3] = [2, b'h', b'i'];

impl Scheduled for Step {
    fn track(&self) -> Cow<'static, str> {
        match self {
            Step::Sends => "peer".into(),
            Step::Polls | Step::Drops => "task".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Sends => "sends the next byte".into(),
            Step::Polls => "polls its read".into(),
            Step::Drops => "drops its read".into(),
        }
    }
}

fn shown(byte: u8) -> String {
    match byte {
        letter if letter.is_ascii_lowercase() => format!("{:?}", char::from(letter)),
        number => number.to_string(),
    }
}

/// Carries out the steps on one version.
macro_rules! version {
    ($name:ident, $module:ident) => {
        struct $name {
            pipe: Pipe,
            reader: $module::Reader,
            task: Seat<$module::Read>,
            sent: usize,
            received: usize,
            fault: Option<Fault>,
        }

        impl $name {
            fn new() -> $name {
                let pipe = Pipe::default();
                $name {
                    reader: $module::Reader::new(pipe.clone()),
                    task: Seat::new("task"),
                    pipe,
                    sent: 0,
                    received: 0,
                    fault: None,
                }
            }

            fn polls(&mut self) -> String {
                let polled = self.task.poll(|| self.reader.read());
                let whole = self.sent / FRAME.len() > self.received;
                let (outcome, wrong) = match polled {
                    Poll::Pending => (
                        "pending".to_owned(),
                        whole.then_some("waits, and a whole frame was sent"),
                    ),
                    Poll::Ready(frame) => {
                        self.received += 1;
                        let right = whole && frame == FRAME[1..];
                        let text = String::from_utf8_lossy(&frame).into_owned();
                        (
                            format!("ready({text:?})"),
                            (!right).then_some("has received what no peer has sent"),
                        )
                    }
                };
                self.fault = wrong.map(|wrong| Fault::of("task", wrong));
                outcome
            }
        }

        impl Version for $name {
            type Step = Step;

            fn apply(&mut self, step: &Step) -> Result<runs::Step, String> {
                let outcome = match step {
                    Step::Sends => {
                        let byte = FRAME[self.sent % FRAME.len()];
                        self.sent += 1;
                        self.pipe.send(byte);
                        shown(byte)
                    }
                    Step::Polls => self.polls(),
                    Step::Drops if self.task.drop_future() => "done".to_owned(),
                    Step::Drops => return Err("the task has no read that it could drop".to_owned()),
                };
                Ok(self.task.tell(runs::Step::of(outcome)))
            }

            fn fault(&self) -> Option<Fault> {
                self.fault.clone()
            }
        }
    };
}

version!(Faulty, faulty);
version!(Right, right);

#[test]
fn exactly_the_faulty_reader_loses_a_part_of_a_frame() {
    let how = Breaking {
        rule: "a read that is polled after a whole frame was sent returns that frame",
        alphabet: &STEPS,
    };
    how.judge(&run!(), schedule, Faulty::new, Right::new);
}
