//! Two owners of one journal.

use std::cell::RefCell;
use std::rc::Rc;

/// Writes what it says into a journal that others write into as well.
pub struct Speaker {
    name: &'static str,
    // YOURS
    // ANCHOR: field
    journal: Rc<RefCell<Vec<String>>>,
    // ANCHOR_END: field
    // STUB: journal: (), // Which type lets two speakers write into the same list?
    // YOURS_END
}

impl Speaker {
    /// A speaker who shares the journal with its other holders.
    pub fn new(name: &'static str, journal: &Rc<RefCell<Vec<String>>>) -> Speaker {
        // YOURS
        // ANCHOR: new
        let journal = Rc::clone(journal);
        Speaker { name, journal }
        // ANCHOR_END: new
        // STUB: todo!("share {journal:?} with {name}")
        // YOURS_END
    }

    /// Says something. Note that `self` is not borrowed mutably.
    pub fn say(&self, words: &str) {
        // YOURS
        // ANCHOR: say
        let line = format!("{}: {words}", self.name);
        self.journal.borrow_mut().push(line);
        // ANCHOR_END: say
        // STUB: todo!("write `{}: {words}` into the journal", self.name)
        // YOURS_END
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_speakers_write_into_one_journal() {
        let journal = Rc::new(RefCell::new(Vec::new()));
        let (ada, grace) = (
            Speaker::new("Ada", &journal),
            Speaker::new("Grace", &journal),
        );
        ada.say("hello");
        grace.say("good morning");
        assert_eq!(*journal.borrow(), ["Ada: hello", "Grace: good morning"]);
    }
}
