//! Two schedules of the same steps, written by hand.

// ANCHOR: steps
/// What can happen. The reader loads the value in two steps: it asks, and it keeps the answer.
#[derive(Debug, Clone, Copy)]
enum Step {
    Asks,
    Keeps,
    /// The writer changes the value and throws the copy away.
    Writes,
}

/// A value, the reader's answer on its way, and the copy.
#[derive(Debug, Default)]
struct World {
    value: u32,
    answer: Option<u32>,
    copy: Option<u32>,
}

impl World {
    fn step(&mut self, step: Step) {
        match step {
            Step::Asks => self.answer = Some(self.value),
            Step::Keeps => self.copy = self.answer.take(),
            Step::Writes => {
                self.value += 1;
                self.copy = None;
            }
        }
    }

    /// The rule: a copy is equal to the value.
    fn is_stale(&self) -> bool {
        self.copy.is_some_and(|copy| copy != self.value)
    }
}
// ANCHOR_END: steps

fn main() {
    use Step::{Asks, Keeps, Writes};

    closed_output::end_quietly();
    // ANCHOR: schedules
    for schedule in [
        [Writes, Asks, Keeps],
        [Asks, Keeps, Writes],
        [Asks, Writes, Keeps],
    ] {
        let mut world = World::default();
        for step in schedule {
            world.step(step);
        }
        let stale = if world.is_stale() { "stale" } else { "right" };
        println!(
            "{schedule:?}: value {}, copy {:?}: {stale}",
            world.value, world.copy
        );
    }
    // ANCHOR_END: schedules
}
