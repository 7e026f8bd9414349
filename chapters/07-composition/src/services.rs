//! Scripted services: each tells its caller the address that it sees, after a time, or fails.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use event_loop::Timer;

/// A service that answers the question "what is my address?". There is no network: the answer and
/// the time that it takes are given beforehand.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    name: &'static str,
    takes: Duration,
    says: Option<&'static str>,
}

/// What a service says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The service's name.
    pub from: &'static str,
    /// The caller's address, as this service sees it.
    pub address: &'static str,
}

/// The service with this name did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offline(pub &'static str);

impl Service {
    /// A service that says `address` after this many milliseconds.
    #[must_use]
    pub const fn answering(name: &'static str, millis: u64, address: &'static str) -> Service {
        Service {
            name,
            takes: Duration::from_millis(millis),
            says: Some(address),
        }
    }

    /// A service of which the caller learns after this many milliseconds that it is offline.
    #[must_use]
    pub const fn offline(name: &'static str, millis: u64) -> Service {
        Service {
            name,
            takes: Duration::from_millis(millis),
            says: None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Asks it.
    ///
    /// # Errors
    ///
    /// [`Offline`], for a service that is.
    ///
    /// # Cancel safety
    ///
    /// Dropping it removes the timer.
    pub async fn ask(self, timer: impl Timer) -> Result<Answer, Offline> {
        timer.sleep(self.takes).await;
        let from = self.name;
        match self.says {
            Some(address) => Ok(Answer { from, address }),
            None => Err(Offline(from)),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} says {}", self.from, self.address)
    }
}

impl fmt::Display for Offline {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} is offline", self.0)
    }
}

impl Error for Offline {}
