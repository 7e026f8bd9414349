//! A letter box: what is in it can be taken out once.

/// Holds at most one letter.
#[derive(Debug, Default)]
pub struct LetterBox {
    letter: Option<String>,
}

impl LetterBox {
    /// Puts a letter in. One that was there already comes back.
    pub fn put(&mut self, letter: String) -> Option<String> {
        // YOURS
        // ANCHOR: put
        self.letter.replace(letter)
        // ANCHOR_END: put
        // STUB: todo!("put {letter} in, and give back what was there")
        // YOURS_END
    }

    /// Takes the letter out, if there is one, and leaves the box empty.
    pub fn collect(&mut self) -> Option<String> {
        // YOURS
        // ANCHOR: collect
        self.letter.take()
        // ANCHOR_END: collect
        // STUB: todo!("take the letter out")
        // YOURS_END
    }
}

#[cfg(test)]
mod tests {
    use super::LetterBox;

    #[test]
    fn a_letter_is_collected_once() {
        let mut letter_box = LetterBox::default();
        assert_eq!(letter_box.put("hello".to_owned()), None);
        assert_eq!(letter_box.collect().as_deref(), Some("hello"));
        assert_eq!(letter_box.collect(), None);
    }

    #[test]
    fn a_second_letter_pushes_the_first_one_out() {
        let mut letter_box = LetterBox::default();
        letter_box.put("first".to_owned());
        let pushed_out = letter_box.put("second".to_owned());
        assert_eq!(pushed_out.as_deref(), Some("first"));
    }
}
