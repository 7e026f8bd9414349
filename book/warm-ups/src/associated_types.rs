//! A trait that says: each source has one type of its own that it gives.

/// Something that gives values, one at a time.
pub trait Source {
    /// What it gives.
    type Item;

    /// The next value, if there is one.
    fn pull(&mut self) -> Option<Self::Item>;
}

/// Gives the letters of a word.
pub struct Letters(pub &'static str);

// YOURS
// ANCHOR: letters
impl Source for Letters {
    type Item = char;

    fn pull(&mut self) -> Option<char> {
        let mut letters = self.0.chars();
        let first = letters.next()?;
        self.0 = letters.as_str();
        Some(first)
    }
}
// ANCHOR_END: letters
// STUB: // Implement Source for Letters.
// YOURS_END

/// Pulls until nothing comes any more, and returns all that came.
// YOURS
// ANCHOR: drain
pub fn drain<S: Source>(mut source: S) -> Vec<S::Item> {
    let mut all = Vec::new();
    while let Some(item) = source.pull() {
        all.push(item);
    }
    all
}
// ANCHOR_END: drain
// STUB: // Write drain. It takes any source; of what does it return a Vec?
// YOURS_END

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_drained_whatever_it_gives() {
        assert_eq!(drain(Letters("yield")), ['y', 'i', 'e', 'l', 'd']);
    }
}
