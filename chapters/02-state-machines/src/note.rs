//! A value that knows where one of its own parts is, until somebody moves it.

// ANCHOR: note
/// A text, and the place at which its last word was found.
///
/// The place is remembered as a number, so nothing bad can come of it: safe code can look at an
/// address, and cannot follow it.
// ANCHOR: struct
#[derive(Debug, Default)]
pub struct Note {
    text: [u8; 16],
    found_at: Option<usize>,
}
// ANCHOR_END: struct

impl Note {
    /// A note with at most 16 bytes of text.
    ///
    /// # Panics
    ///
    /// If there are more.
    pub fn new(text: &str) -> Note {
        let mut note = Note::default();
        note.text[..text.len()].copy_from_slice(text.as_bytes());
        note
    }

    // ANCHOR: find
    /// Looks for a byte in the text, and remembers where it is.
    pub fn find(&mut self, wanted: u8) {
        let found = self.text.iter().find(|byte| **byte == wanted);
        self.found_at = found.map(address);
    }

    /// The index in the text that the remembered place has now; `None` if it is no place in the
    /// text any more.
    pub fn found(&self) -> Option<usize> {
        self.found_at?
            .checked_sub(address(&self.text[0]))
            .filter(|index| *index < self.text.len())
    }
    // ANCHOR_END: find
}

fn address(byte: &u8) -> usize {
    std::ptr::from_ref(byte).addr()
}
// ANCHOR_END: note

#[cfg(test)]
mod tests {
    use super::Note;

    #[test]
    fn a_note_that_stays_where_it_is_finds_its_place_again() {
        let mut note = Note::new("to be");
        note.find(b'b');
        assert_eq!(note.found(), Some(3));
    }

    #[test]
    fn a_note_that_was_moved_does_not() {
        let mut note = Note::new("to be");
        note.find(b'b');
        let moved = Box::new(note);
        assert_eq!(moved.found(), None);
    }
}
