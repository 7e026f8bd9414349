//! What can be wrong with the code under test, and what is said of it.

use std::io::ErrorKind;

use super::wire::Wire;
use crate::stream::show;

/// What the code under test did wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// What was written is not the beginning of what was to be written.
    NotAPrefix,
    /// It ended well, nothing had failed, and not all that there was had been read.
    Unread,
    /// It ended well, nothing had failed, and bytes are missing.
    Incomplete,
    /// An operation failed, and it ended well.
    ErrorHidden(Operation),
    /// An operation failed, and another error came out.
    OtherError(Operation),
    /// An operation failed, and an error came out that is of the same kind, but is not the stream's.
    ErrorRebuilt(Operation),
    /// Nothing failed, and an error came out.
    ErrorFromNowhere,
    /// It called the stream after an operation had failed.
    CalledAfterFailure(Operation),
    /// It called the stream after it was closed.
    CalledAfterClose,
    /// It waits, and no operation of the stream is pending.
    WaitsForNothing,
    /// A pending operation could go on, and the task of the latest poll was not woken, nor was another one.
    NeverWoken,
    /// A pending operation could go on, and the task that was woken is that of an earlier poll.
    EarlierWoken,
    /// It called the stream, or was polled, without end.
    Spins,
    /// It held more than the bound of what it had read and not written.
    HoldsTooMuch,
    /// It panicked.
    Panicked,
}

/// One of the stream's operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `poll_read`, or `read`.
    Read,
    /// `poll_write`, or `write`.
    Write,
    /// `poll_flush`, or `flush`.
    Flush,
    /// `poll_close`.
    Close,
}

impl Operation {
    pub(super) fn name(self) -> &'static str {
        match self {
            Operation::Read => "read",
            Operation::Write => "write",
            Operation::Flush => "flush",
            Operation::Close => "close",
        }
    }
}

impl Wire {
    /// What a right answer does where this is broken.
    pub(super) fn expectation(&self, broken: Broken, whole: &[u8]) -> String {
        match broken {
            Broken::NotAPrefix => "only bytes that were to be written, in their order".to_owned(),
            Broken::Unread => format!("first reads {} bytes and the end", self.input.len()),
            Broken::Incomplete => format!("first writes {} bytes", whole.len()),
            Broken::ErrorHidden(_) | Broken::OtherError(_) => match self.failure {
                Some((_, kind)) => format!("ends with {kind:?}"),
                None => "ends with the error".to_owned(),
            },
            Broken::ErrorRebuilt(operation) => {
                format!("ends with the very error of the {}", operation.name())
            }
            Broken::ErrorFromNowhere => "ends well".to_owned(),
            Broken::CalledAfterFailure(_) => "no call after the failure".to_owned(),
            Broken::CalledAfterClose => "no call after the close".to_owned(),
            Broken::WaitsForNothing => "pending only while an operation is".to_owned(),
            Broken::NeverWoken | Broken::EarlierWoken => {
                "the task of the latest poll is woken, and polls again".to_owned()
            }
            Broken::Spins => "an end".to_owned(),
            Broken::HoldsTooMuch => "less in memory".to_owned(),
            Broken::Panicked => "no panic".to_owned(),
        }
    }

    pub(super) fn sentence(&self, broken: Broken, whole: &[u8]) -> String {
        let failed = |operation: Operation| {
            match self.failure {
            Some((Operation::Write, ErrorKind::WriteZero)) => {
                "A write took no byte of those it was given: the writer takes nothing any more, and the outcome has to be `WriteZero`.".to_owned()
            }
            Some((_, kind)) => format!("The {} failed with {kind:?}, and that has to be the outcome.", operation.name()),
            None => String::new(),
        }
        };
        match broken {
            Broken::NotAPrefix => format!(
                "What was written is not the beginning of what was to be written. Written: {}. Expected: {}.",
                show(&self.output),
                show(whole)
            ),
            Broken::Unread => format!(
                "Nothing failed, your code ended well, and it had read {} of {} bytes: there was more before the end.",
                self.read,
                self.input.len()
            ),
            Broken::Incomplete => format!(
                "Nothing failed, your code ended well, and {} of {} bytes were written.",
                self.output.len(),
                whole.len()
            ),
            Broken::ErrorHidden(operation) => format!("{} Your code ended well.", failed(operation)),
            Broken::OtherError(operation) => format!("{} Another error came out.", failed(operation)),
            Broken::ErrorRebuilt(operation) => format!(
                "The {} failed, and the error that came out is of the same kind, but it is not the stream's: your code made a new one. What \
                 the stream's error holds beside its kind is lost: the operating system's code, or the message.",
                operation.name()
            ),
            Broken::ErrorFromNowhere => "No operation of the stream failed, and an error came out.".to_owned(),
            Broken::CalledAfterFailure(operation) => {
                let (first, kind) = self.failure.expect("it had failed");
                format!(
                    "The {} had failed with {kind:?}, and your code called {} after that. A stream that has failed is not used any more.",
                    first.name(),
                    operation.name()
                )
            }
            Broken::CalledAfterClose => "The stream was closed, and your code called it once more.".to_owned(),
            Broken::WaitsForNothing => "Your code is pending, no operation of the stream is, and the task was not woken: nothing will ever \
                                        poll it again."
                .to_owned(),
            Broken::NeverWoken => "The pending operation could go on, and the task that had polled last was not woken. The waker that the \
                                   stream was given is not the task's."
                .to_owned(),
            Broken::EarlierWoken => "The pending operation could go on, and the task of an earlier poll was woken in place of the task that \
                                     had polled last. Each poll may come with another waker, and the stream needs the newest."
                .to_owned(),
            Broken::Spins => format!(
                "It does not come to an end: {} calls of the stream, and it goes on.",
                self.calls
            ),
            Broken::HoldsTooMuch => format!("{} bytes had been read and not yet written.", self.most_held),
            Broken::Panicked => "Your code panicked.".to_owned(),
        }
    }
}
