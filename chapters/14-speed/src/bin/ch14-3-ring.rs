//! One ring of 60 slots: how often it looks at a timer that is not due.

// ANCHOR: ring
/// Timers by the second, in a ring of 60 slots.
struct Ring {
    now: u64,
    slots: Vec<Vec<u64>>,
    looks: u64,
}

impl Ring {
    fn set(&mut self, due: u64) {
        self.slots[(due % 60) as usize].push(due);
    }

    /// A second passes. Returns how many timers are due.
    fn tick(&mut self) -> usize {
        self.now += 1;
        let slot = &mut self.slots[(self.now % 60) as usize];
        self.looks += slot.len() as u64;
        slot.extract_if(.., |due| *due == self.now).count()
    }
}
// ANCHOR_END: ring

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    for minutes in [1, 10, 100] {
        let mut ring = Ring {
            now: 0,
            slots: vec![Vec::new(); 60],
            looks: 0,
        };
        for timer in 1..=6_000 {
            ring.set(timer * 7919 % (60 * minutes) + 1);
        }
        let due: usize = (0..60 * minutes).map(|_| ring.tick()).sum();
        println!(
            "{due} timers within {minutes:3} minutes: {:6} looks",
            ring.looks
        );
    }
}
// ANCHOR_END: main
