//! A value that keeps the address of one of its own parts, until it is moved.

// ANCHOR: note
/// A text, and the address at which `find` found a byte.
///
/// It keeps the address as a number, so that nothing is read through it: safe code can compare
/// addresses, and cannot dereference them.
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
    /// Looks for a byte in the text, and keeps its address.
    pub fn find(&mut self, wanted: u8) {
        let found = self.text.iter().find(|byte| **byte == wanted);
        self.found_at = found.map(address);
    }

    /// The index in the text of the address that was kept; `None` if the text is somewhere else
    /// now.
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
    fn a_note_that_was_not_moved_finds_its_byte() {
        let mut note = Note::new("to be");
        note.find(b'b');
        assert_eq!(note.found(), Some(3));
    }

    #[test]
    fn a_note_that_was_moved_does_not_find_its_byte() {
        let mut note = Note::new("to be");
        note.find(b'b');
        let moved = Box::new(note);
        assert_eq!(moved.found(), None);
    }
}
