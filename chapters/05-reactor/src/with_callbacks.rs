//! The sale, as callbacks: what comes next has to be remembered between them.

use std::io;

use crate::callbacks::{Protocol, Transport};
use crate::sale::{self, Outcome};

/// One client. When its exchange has ended, `done` is called.
pub struct Sale<F> {
    incoming: Vec<u8>,
    step: Step,
    done: Option<F>,
}

/// What the next message will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Name,
    Answer,
    Over(Outcome),
}

impl<F: FnOnce(io::Result<Outcome>)> Sale<F> {
    /// A sale that has not begun.
    pub fn new(done: F) -> Sale<F> {
        Sale {
            incoming: Vec::new(),
            step: Step::Name,
            done: Some(done),
        }
    }
}

// ANCHOR: received
impl<F: FnOnce(io::Result<Outcome>)> Protocol for Sale<F> {
    fn connection_made(&mut self, transport: &Transport) {
        transport.write(&sale::message(sale::GREETING));
    }

    fn data_received(&mut self, transport: &Transport, bytes: &[u8]) {
        self.incoming.extend_from_slice(bytes);
        while let Some(message) = sale::take_message(&mut self.incoming) {
            match self.step {
                Step::Name => self.name_received(transport, &message),
                Step::Answer => self.answer_received(transport, &message),
                Step::Over(_) => return,
            }
        }
    }
    // ANCHOR_END: received

    // ANCHOR: lost
    fn eof_received(&mut self, _transport: &Transport) -> bool {
        false
    }

    fn connection_lost(&mut self, reason: Option<io::Error>) {
        let outcome = match (self.step, reason) {
            (_, Some(error)) => Err(error),
            (Step::Over(outcome), None) => Ok(outcome),
            (Step::Name | Step::Answer, None) => Ok(Outcome::Gone),
        };
        if let Some(done) = self.done.take() {
            done(outcome);
        }
    }
    // ANCHOR_END: lost
}

// ANCHOR: steps
impl<F> Sale<F> {
    fn name_received(&mut self, transport: &Transport, name: &[u8]) {
        match sale::price(name) {
            Some(price) => {
                transport.write(&sale::message(&sale::offer(price)));
                self.step = Step::Answer;
            }
            None => self.end(transport, sale::UNKNOWN, Outcome::Refused),
        }
    }

    fn answer_received(&mut self, transport: &Transport, answer: &[u8]) {
        if answer == b"yes" {
            self.end(transport, sale::SOLD, Outcome::Sold);
        } else {
            self.end(transport, sale::NO_SALE, Outcome::Refused);
        }
    }

    fn end(&mut self, transport: &Transport, text: &str, outcome: Outcome) {
        transport.write(&sale::message(text));
        transport.close();
        self.step = Step::Over(outcome);
    }
}
// ANCHOR_END: steps

impl<F> std::fmt::Debug for Sale<F> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Sale").field(&self.step).finish()
    }
}
