//! A wheel that counts in tens, and says where each timer stands.

use std::mem::take;

// ANCHOR: main
/// Ones, tens and hundreds: ten slots each.
struct Decimal {
    now: u32,
    levels: [[Vec<u32>; 10]; 3],
}

const WIDTH: [u32; 3] = [1, 10, 100];

impl Decimal {
    /// The level is that of the highest digit in which `due` differs from `now`.
    fn put(&mut self, due: u32) {
        let differs = |level: &usize| due / WIDTH[*level] != self.now / WIDTH[*level];
        let level = [2, 1].into_iter().find(differs).unwrap_or(0);
        let digit = due / WIDTH[level] % 10;
        println!("timer {due}: level {level}, slot {digit}");
        self.levels[level][digit as usize].push(due);
    }

    fn tick(&mut self) {
        self.now += 1;
        for level in [2, 1] {
            let digit = (self.now / WIDTH[level] % 10) as usize;
            if self.now.is_multiple_of(WIDTH[level]) && !self.levels[level][digit].is_empty() {
                println!(
                    "wheel: tick {}, slot {digit} of level {level} begins",
                    self.now
                );
                for due in take(&mut self.levels[level][digit]) {
                    self.put(due);
                }
            }
        }
        for due in take(&mut self.levels[0][(self.now % 10) as usize]) {
            println!("timer {due}: due at tick {}", self.now);
        }
    }
}

/// Sets five timers, and lets 300 ticks pass.
pub(crate) fn main() {
    closed_output::end_quietly();
    let mut wheel = Decimal {
        now: 0,
        levels: Default::default(),
    };
    println!("wheel: tick 0");
    for due in [7, 42, 45, 240, 203] {
        wheel.put(due);
    }
    for _ in 0..300 {
        wheel.tick();
    }
}
// ANCHOR_END: main
