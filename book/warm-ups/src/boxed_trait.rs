//! A list of things that have nothing in common but one trait.

/// Something that is done in steps.
pub trait Job {
    /// Does one step, and says whether there is more to do.
    fn step(&mut self) -> bool;
}

/// Done after a number of steps.
pub struct Countdown(pub u32);

impl Job for Countdown {
    fn step(&mut self) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 > 0
    }
}

/// Done after one step, and then remembers what it said.
pub struct Greeting(pub String);

impl Job for Greeting {
    fn step(&mut self) -> bool {
        self.0.push_str(", world");
        false
    }
}

/// Runs each job to its end, one after the other, and returns the number of steps that it took in all.
// YOURS
// ANCHOR: run
pub fn run(jobs: Vec<Box<dyn Job>>) -> u32 {
    let mut steps = 0;
    for mut job in jobs {
        steps += 1;
        while job.step() {
            steps += 1;
        }
    }
    steps
}
// ANCHOR_END: run
// STUB: pub fn run(jobs: Vec<Box<dyn Job>>) -> u32 {
// STUB:     todo!("step {} jobs until each is done", jobs.len())
// STUB: }
// YOURS_END

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_jobs_stand_in_one_list() {
        // YOURS
        // ANCHOR: list
        let jobs: Vec<Box<dyn Job>> = vec![
            Box::new(Countdown(3)),
            Box::new(Greeting("hello".to_owned())),
        ];
        // ANCHOR_END: list
        // STUB: // A countdown from 3 and a greeting, in one list.
        // STUB: let jobs: Vec<Box<dyn Job>> = todo!();
        // YOURS_END
        assert_eq!(run(jobs), 4);
    }
}
