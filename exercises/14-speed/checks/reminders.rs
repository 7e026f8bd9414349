//! reminders: a clock with three dials, and reminders that come at their second.

use std::collections::{BTreeMap, HashMap};

use super::subject::Reminders;
use probe::random::Random;
use probe::{Run, run, snapshot};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// The time of day, and the day where it is not the first.
fn clock(second: u64) -> String {
    let (hour, minute) = (second / HOUR % 24, second / 60 % 60);
    let time = format!("{hour}:{minute:02}:{:02}", second % 60);
    match second / DAY {
        0 => time,
        days => format!("{time}, {days} days later"),
    }
}

/// Reminders on trial: every one must come at its second.
struct Trial {
    reminders: Reminders<u64>,
    run: Run,
    now: u64,
    set: u64,
    /// By number, the second of each one that has not come.
    due: HashMap<u64, u64>,
    /// By second, how many there are.
    by_second: BTreeMap<u64, usize>,
}

impl Trial {
    fn new(run: &Run) -> Trial {
        Trial {
            reminders: Reminders::new(),
            run: run.clone(),
            now: 0,
            set: 0,
            due: HashMap::new(),
            by_second: BTreeMap::new(),
        }
    }

    fn set_silently(&mut self, seconds: u64) {
        self.set += 1;
        let due = self.now + seconds.max(1);
        self.due.insert(self.set, due);
        *self.by_second.entry(due).or_default() += 1;
        self.reminders.set(seconds, self.set);
    }

    fn set(&mut self, seconds: u64) {
        self.set_silently(seconds);
        let due = clock(self.now + seconds.max(1));
        let line = format!("set({seconds}): reminder {}, for {due}", self.set);
        self.run.recorder().says("task", line);
    }

    /// Ticks until this second, and shows the ticks at which something came.
    fn until(&mut self, second: u64) {
        while self.now < second {
            self.now += 1;
            let came = self.reminders.tick();
            if !came.is_empty() {
                let line = format!("{}: {came:?}", clock(self.now));
                self.run.recorder().says("tick", line);
            }
            self.judge(&came);
        }
    }

    fn judge(&mut self, came: &[u64]) {
        for number in came {
            match self.due.remove(number) {
                None => self.run.departs(format!("Reminder {number} came twice.")),
                Some(due) if due == self.now => {}
                Some(due) if due > self.now => self.is_early(*number, due),
                Some(due) => self.is_late(*number, due, &format!("came at {}", clock(self.now))),
            }
        }
        if !came.is_sorted() {
            self.run.diagnose(
                "cascade-reorders",
                format!("At {} these came, in this order: {came:?}. Reminders for one second come in the order in which they were set.", clock(self.now)),
            );
        }
        let expected = self.by_second.remove(&self.now).unwrap_or(0);
        if came.len() < expected {
            self.is_missing();
        }
    }

    fn is_early(&self, number: u64, due: u64) -> ! {
        let sentence = format!(
            "Reminder {number} was set for {}, and came at {}.",
            clock(due),
            clock(self.now)
        );
        let code = match (due - self.now) % DAY {
            0 => "lap-not-counted",
            _ => "slot-comes-out-whole",
        };
        self.run.diagnose(code, sentence)
    }

    /// A reminder did not come. Goes on for two hours, to see how late it is.
    fn is_missing(&mut self) -> ! {
        let (number, due) = self
            .due
            .iter()
            .find(|(_, due)| **due == self.now)
            .expect("one is missing");
        let (number, due) = (*number, *due);
        self.run.recorder().says(
            "tick",
            format!("{}: reminder {number} has not come", clock(due)),
        );
        for second in due + 1..=due + 2 * HOUR {
            if self.reminders.tick().contains(&number) {
                self.run
                    .recorder()
                    .says("tick", format!("{}: [{number}]", clock(second)));
                self.is_late(number, due, &format!("came at {}", clock(second)));
            }
        }
        self.is_late(number, due, "did not come within two hours")
    }

    fn is_late(&self, number: u64, due: u64, when: &str) -> ! {
        let sentence = format!("Reminder {number} was set for {}, and {when}.", clock(due));
        let code = if when.ends_with("two hours") {
            "cascade-forgotten"
        } else if when.contains(&clock(due + HOUR)) {
            "cascade-stops-halfway"
        } else {
            "due-too-late"
        };
        self.run.diagnose(code, sentence)
    }
}

#[test]
fn a_reminder_for_this_minute_comes_at_its_second() {
    let run = run!("this_minute");
    let mut trial = Trial::new(&run);
    trial.set(5);
    trial.set(30);
    trial.set(0);
    trial.until(59);
    snapshot!(run);
}

#[test]
fn a_reminder_for_this_hour_comes_at_its_second() {
    let mut trial = Trial::new(&run!());
    for seconds in [60, 61, 119, 120, 1_830, 3_599] {
        trial.set(seconds);
    }
    trial.until(HOUR - 1);
}

#[test]
fn a_reminder_for_a_later_hour_comes_at_its_second() {
    let run = run!("later_hours");
    let mut trial = Trial::new(&run);
    for seconds in [HOUR + 1_800, 3 * HOUR + 61, 20 * HOUR + 59 * 60] {
        trial.set(seconds);
    }
    trial.until(21 * HOUR);
    snapshot!(run);
}

#[test]
fn each_second_of_a_day_has_its_reminder() {
    let run = run!();
    let mut trial = Trial::new(&run);
    run.recorder()
        .says("task", "sets a reminder for each second of 3 hours");
    for seconds in 1..=3 * HOUR {
        trial.set_silently(seconds);
    }
    while trial.now < 3 * HOUR {
        trial.now += 1;
        let came = trial.reminders.tick();
        trial.judge(&came);
    }
    trial.set(DAY - 1);
    trial.until(trial.now + DAY);
}

#[test]
fn a_reminder_may_be_for_another_day() {
    let mut trial = Trial::new(&run!());
    trial.until(HOUR + 100);
    for seconds in [DAY, DAY - 1, DAY + 1, 2 * DAY, DAY - 100, DAY + HOUR] {
        trial.set(seconds);
    }
    trial.until(4 * DAY);
}

#[test]
fn a_reminder_may_be_for_any_number_of_seconds() {
    let run = run!();
    let mut reminders = Reminders::new();
    for bits in [16, 32] {
        // With the higher bits cut off, it would come in 5 seconds.
        let seconds = (1_u64 << bits) + 5;
        run.recorder().says("task", format!("set({seconds})"));
        reminders.set(seconds, seconds);
    }
    reminders.set(u64::MAX, u64::MAX);
    run.recorder().says("task", "set(u64::MAX)");
    for second in 1..=60 {
        if let [number, ..] = reminders.tick()[..] {
            run.recorder().says(
                "tick",
                format!("{}: the reminder of set({number})", clock(second)),
            );
            run.diagnose(
                "number-cut-short",
                format!(
                    "A reminder was set {number} seconds ahead. It came after {second} seconds."
                ),
            );
        }
    }
}

#[test]
fn reminders_for_one_second_come_in_the_order_in_which_they_were_set() {
    let today = [50, 1_000, 2 * HOUR, 2 * HOUR + 30, 2 * HOUR + 600];
    // A reminder for tomorrow stays in its slot when that hour of today begins.
    let tomorrow = DAY + 2 * HOUR + 600;
    for due in today.into_iter().chain([tomorrow]) {
        let mut trial = Trial::new(&run!());
        for at in [0, due / 2, due - 40, due - 1] {
            trial.until(at.max(trial.now));
            trial.set(due - trial.now);
            trial.set(due - trial.now);
        }
        trial.until(due);
    }
}

#[test]
fn reminders_that_are_set_while_the_clock_runs_come_at_their_seconds() {
    let mut random = Random::seeded(14);
    for _ in 0..6 {
        let run = run!();
        let mut trial = Trial::new(&run);
        for _ in 0..40 {
            let seconds =
                *random.pick(&[1, 59, 60, 61, 600, HOUR - 1, HOUR, HOUR + 1, 5_000, 10_000]);
            trial.set(seconds);
            let pause = *random.pick(&[0, 1, 30, 60, 500]);
            trial.until(trial.now + pause);
        }
        trial.until(trial.now + 3 * HOUR);
    }
}

#[test]
fn a_tick_does_not_look_at_every_reminder() {
    const MANY: u64 = 50_000;
    let run = run!();
    let mut reminders = Reminders::new();
    for number in 0..MANY {
        reminders.set(23 * HOUR, number);
    }
    run.recorder()
        .says("task", format!("sets {MANY} reminders for 23:00:00"));
    let came = run.risk(
        Some("looks-at-every-timer"),
        "50,000 reminders are set for 23:00:00. The ticks until 22:00:00 take too long: each looks at all of them.",
        || (0..22 * HOUR).map(|_| reminders.tick().len()).sum::<usize>(),
    );
    if came > 0 {
        run.departs(format!(
            "{came} of the reminders for 23:00:00 came before 22:00:00."
        ));
    }
}

#[test]
fn a_tick_does_not_look_at_every_reminder_of_its_hour() {
    const MANY: u64 = 600_000;
    let run = run!();
    let mut reminders = Reminders::new();
    for number in 0..MANY {
        reminders.set(HOUR - 1, number);
    }
    run.recorder()
        .says("task", format!("sets {MANY} reminders for 0:59:59"));
    let came = run.risk(
        Some("looks-at-every-timer"),
        "600,000 reminders are set for 0:59:59. The ticks until 0:58:59 take too long: each looks at all reminders of its hour.",
        || (1..59 * 60).map(|_| reminders.tick().len()).sum::<usize>(),
    );
    if came > 0 {
        run.departs(format!(
            "{came} of the reminders for 0:59:59 came before 0:59:00."
        ));
    }
}
