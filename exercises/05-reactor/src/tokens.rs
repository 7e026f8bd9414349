//! Keys for sources. No key is used for a second source.

use std::fmt;

/// A table that gives each item a number as its key.
///
/// The kernel stores the key with each source and returns it with each event. An event may be on
/// its way when its source is dropped and another one is inserted: the old key must not find the new
/// source. So the table gives no key a second time before it has given four billion others.
///
/// The table uses memory for the most items that were in it at the same time, and not for all that
/// were ever inserted.
pub struct Tokens<T> {
    items: Vec<Option<T>>, // Yours to replace.
}

impl<T> Tokens<T> {
    /// An empty table.
    #[must_use]
    pub fn new() -> Tokens<T> {
        todo!("an empty table")
    }

    /// Inserts an item and returns its key. The key is never `usize::MAX`, which the reactor uses for
    /// its waker.
    ///
    /// # Panics
    ///
    /// May panic if 4,294,967,295 items are in the table at the same time.
    pub fn insert(&mut self, item: T) -> usize {
        todo!("a key that no item has had")
    }

    /// The item with this key, if it is still in the table.
    #[must_use]
    pub fn get(&self, key: usize) -> Option<&T> {
        todo!("is it still the item with this key?")
    }

    /// The item with this key, to be changed, if it is still in the table.
    pub fn get_mut(&mut self, key: usize) -> Option<&mut T> {
        todo!("is it still the item with this key?")
    }

    /// Removes and returns the item with this key, if it is still in the table.
    pub fn remove(&mut self, key: usize) -> Option<T> {
        todo!("remove it, if it is still the item with this key")
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        todo!("how many are there?")
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Default for Tokens<T> {
    fn default() -> Tokens<T> {
        Tokens::new()
    }
}

impl<T> fmt::Debug for Tokens<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Tokens")
            .field("len", &self.len())
            .finish()
    }
}
