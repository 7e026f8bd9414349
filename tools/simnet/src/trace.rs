//! Everything that happened in the network, line by line.

use std::fmt;

use event_loop::Time;

/// What happened, in order. The same seed gives the same trace, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    lines: Vec<String>,
    keeps: bool,
    count: u64,
    hash: u64,
}

impl Trace {
    pub(crate) fn new(keeps: bool) -> Trace {
        Trace {
            lines: Vec::new(),
            keeps,
            count: 0,
            hash: 0xCBF2_9CE4_8422_2325,
        }
    }

    pub(crate) fn line(&mut self, when: Time, what: fmt::Arguments<'_>) {
        let nanos = when.since_start().as_nanos();
        let (seconds, micros) = (nanos / 1_000_000_000, nanos / 1_000 % 1_000_000);
        let line = format!("{seconds:>6}.{micros:06}  {what}");
        // FNV-1a: the same on every machine, unlike the standard library's hashes.
        for byte in line.bytes().chain([b'\n']) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
        self.count += 1;
        if self.keeps {
            self.lines.push(line);
        }
    }

    /// The lines, if the network keeps them.
    #[must_use]
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// How many lines there were, kept or not.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// A number made of every byte of every line, kept or not.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.lines.iter()).try_for_each(|line| writeln!(out, "{line}"))
    }
}
