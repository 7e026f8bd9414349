//! What happens to the program, and what the contract makes of it.

/// What happens to the program. All times are milliseconds.
#[derive(Debug, Clone, Default)]
pub(super) struct Script {
    /// When the program starts.
    pub(super) start: u64,
    /// The messages: how long after the one before each is there, and how long it takes.
    pub(super) messages: Vec<(u64, u64)>,
    /// How long after the last message the end is there.
    pub(super) end: u64,
    /// When the program is polled although nothing has happened.
    pub(super) spurious: Vec<u64>,
}

/// What the service sees, and the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Begins(usize),
    Finishes(usize),
    Reports(usize),
    Returns,
}

/// A time and what happened then.
pub(super) type Seen = (u64, Event);

impl Event {
    pub(super) fn shown(self, at: u64) -> (&'static str, String) {
        match self {
            Event::Begins(message) => ("service", format!("at {at} ms: begins message {message}")),
            Event::Finishes(message) => {
                ("service", format!("at {at} ms: finishes message {message}"))
            }
            Event::Reports(handled) => ("report", format!("at {at} ms: {handled} handled")),
            Event::Returns => ("serve", format!("at {at} ms: returns")),
        }
    }
}

impl Script {
    /// When each message is there, and when the end is.
    pub(super) fn times(&self) -> (Vec<u64>, u64) {
        let mut now = self.start;
        let mut arrivals = Vec::new();
        for (gap, _) in &self.messages {
            now += gap;
            arrivals.push(now);
        }
        (arrivals, now + self.end)
    }

    /// The contract in a few lines.
    pub(super) fn expected(&self, period: u64) -> Vec<Seen> {
        let (arrivals, end) = self.times();
        let (mut now, mut due, mut seen) = (self.start, self.start + period, Vec::new());
        for next in 0..=arrivals.len() {
            let there = arrivals.get(next).copied().unwrap_or(end).max(now);
            while due <= there {
                now = now.max(due);
                seen.push((now, Event::Reports(next)));
                while due <= now {
                    due += period;
                }
            }
            now = there;
            if let Some((_, takes)) = self.messages.get(next) {
                seen.push((now, Event::Begins(next)));
                now += takes;
                seen.push((now, Event::Finishes(next)));
            }
        }
        seen.push((now, Event::Returns));
        seen
    }
}
