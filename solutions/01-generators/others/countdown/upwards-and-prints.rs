//! Counts upwards from the inside, subtracts at the end, and prints a line of its own.

pub struct Countdown {
    start: u32,
    given: u32,
}

impl Countdown {
    pub fn from(start: u32) -> Countdown {
        println!("a countdown from {start} is made");
        Countdown { start, given: 0 }
    }
}

impl Iterator for Countdown {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.given == self.start {
            return None;
        }
        self.given += 1;
        Some(self.start - self.given + 1)
    }
}
