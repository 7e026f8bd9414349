//! Debug this program.
//! A clock with three dials keeps reminders: one dial has 60 seconds, one 60 minutes and one 24 hours.
//! Thousands of reminders come at their second. Sometimes one comes an hour late.

/// Reminders, each for one second.
pub struct Reminders<T> {
    /// How many seconds have passed.
    now: u64,
    /// What comes in this minute, by the second.
    seconds: Dial<T>,
    /// What comes in this hour, by the minute.
    minutes: Dial<T>,
    /// What comes later, by the hour.
    hours: Dial<T>,
}

/// One slot for each second, minute or hour.
type Dial<T> = Vec<Vec<Reminder<T>>>;

struct Reminder<T> {
    due: u64,
    item: T,
}

impl<T> Reminders<T> {
    /// No reminders. The clock stands at midnight.
    #[must_use]
    pub fn new() -> Reminders<T> {
        Reminders {
            now: 0,
            seconds: dial(60),
            minutes: dial(60),
            hours: dial(24),
        }
    }

    /// Sets a reminder, which comes at call number `seconds` of [`tick`](Reminders::tick) from now: at the next
    /// one, if it is 1. Zero is taken for 1. It may be any number, also more than a day.
    pub fn set(&mut self, seconds: u64, item: T) {
        let due = self.now.saturating_add(seconds.max(1));
        self.put(Reminder { due, item });
    }

    /// A second passes. Returns the reminders for it, in the order in which they were set. A reminder
    /// comes once, at its second: not earlier and not later.
    ///
    /// A tick does not look at every reminder. It looks at those for this second, and where a minute
    /// or an hour begins, at those for that minute or hour.
    pub fn tick(&mut self) -> Vec<T> {
        self.now += 1;
        if self.now.is_multiple_of(60) {
            self.a_minute_begins();
        }
        if self.now.is_multiple_of(3_600) {
            self.an_hour_begins();
        }
        let second = (self.now % 60) as usize;
        let due = std::mem::take(&mut self.seconds[second]);
        due.into_iter().map(|reminder| reminder.item).collect()
    }

    /// Puts a reminder into the dial of this minute, of this hour, or of the hours.
    fn put(&mut self, reminder: Reminder<T>) {
        let due = reminder.due;
        let slot = if due / 60 == self.now / 60 {
            &mut self.seconds[(due % 60) as usize]
        } else if due / 3_600 == self.now / 3_600 {
            &mut self.minutes[(due / 60 % 60) as usize]
        } else {
            &mut self.hours[(due / 3_600 % 24) as usize]
        };
        slot.push(reminder);
    }

    /// Moves the reminders of this hour to the dial of minutes. Those of other days stay.
    fn an_hour_begins(&mut self) {
        let hour = self.now / 3_600;
        let slot = &mut self.hours[(hour % 24) as usize];
        for reminder in std::mem::take(slot) {
            if reminder.due / 3_600 == hour {
                self.minutes[(reminder.due / 60 % 60) as usize].push(reminder);
            } else {
                slot.push(reminder);
            }
        }
    }

    /// Moves the reminders of this minute to the dial of seconds.
    fn a_minute_begins(&mut self) {
        let minute = self.now / 60;
        for reminder in std::mem::take(&mut self.minutes[(minute % 60) as usize]) {
            self.seconds[(reminder.due % 60) as usize].push(reminder);
        }
    }
}

fn dial<T>(slots: usize) -> Dial<T> {
    std::iter::repeat_with(Vec::new).take(slots).collect()
}

impl<T> Default for Reminders<T> {
    fn default() -> Reminders<T> {
        Reminders::new()
    }
}
