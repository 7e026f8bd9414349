//! A deadline that callers hand down to what they call.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use event_loop::Time;

/// A moment by which work has to be finished, and whose limit that is.
///
/// A function takes the deadline of its caller and hands it on. On the way down a deadline is
/// shortened, never extended: [`shortened`](Deadline::shortened) keeps the earlier of two. trio's
/// cancel scopes nest by the same rule.
///
/// ```
/// use composition::Deadline;
/// use event_loop::Time;
/// use std::time::Duration;
///
/// let seconds = |count| Time::START + Duration::from_secs(count);
/// let request = Deadline::at(seconds(3)).of("request");
///
/// // A query may take five seconds. But the request that it is part of has three.
/// let query = request.shortened(Deadline::at(seconds(5)).of("query"));
/// assert_eq!(query.when(), seconds(3));
/// assert_eq!(query.owner(), Some("request"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    when: Time,
    owner: Option<&'static str>,
}

impl Deadline {
    /// No limit.
    pub const NEVER: Deadline = Deadline {
        when: Time::END,
        owner: None,
    };

    /// A deadline at this moment, without an owner.
    #[must_use]
    pub const fn at(when: Time) -> Deadline {
        Deadline { when, owner: None }
    }

    /// The same deadline, with the name of its owner.
    #[must_use]
    pub const fn of(self, owner: &'static str) -> Deadline {
        Deadline {
            owner: Some(owner),
            ..self
        }
    }

    /// When it passes.
    #[must_use]
    pub const fn when(self) -> Time {
        self.when
    }

    /// Whose limit it is, if that was said.
    #[must_use]
    pub const fn owner(self) -> Option<&'static str> {
        self.owner
    }

    // ANCHOR: shortened
    /// The earlier of the two, with its owner. If they are equal, this one: the caller's.
    #[must_use]
    pub fn shortened(self, other: Deadline) -> Deadline {
        if other.when < self.when { other } else { self }
    }
    // ANCHOR_END: shortened

    /// How long it is until then: zero if it has passed.
    #[must_use]
    pub fn left(self, now: Time) -> Duration {
        self.when.saturating_since(now)
    }
}

impl From<Time> for Deadline {
    fn from(when: Time) -> Deadline {
        Deadline::at(when)
    }
}

impl fmt::Display for Deadline {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.owner {
            Some(owner) => write!(out, "the deadline of the {owner} at {}", self.when),
            None => write!(out, "the deadline at {}", self.when),
        }
    }
}

/// A deadline passed before the work was finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed {
    deadline: Deadline,
}

impl Elapsed {
    /// This deadline has passed.
    #[must_use]
    pub const fn new(deadline: Deadline) -> Elapsed {
        Elapsed { deadline }
    }

    /// Which deadline it was. Nested time-outs differ in it.
    #[must_use]
    pub const fn deadline(self) -> Deadline {
        self.deadline
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} has passed", self.deadline)
    }
}

impl Error for Elapsed {}
