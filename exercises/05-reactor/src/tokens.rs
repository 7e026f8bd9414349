//! Names for sources, of which none is ever taken for another.

use std::fmt;

/// A table that gives each item a number as its name.
///
/// The operating system keeps the number with each source and hands it back with each event. An
/// event may be on its way when its source is dropped, and another one put into the table: the old
/// number must not lead there. So no name is given a second time, however often items come and go;
/// at least not before a few thousand million others have been.
///
/// Memory is for the items that are here. However many come and go, the table takes no more of it
/// than for the most that were here at once.
pub struct Tokens<T> {
    items: Vec<Option<T>>, // Yours to replace.
}

impl<T> Tokens<T> {
    /// An empty table.
    #[must_use]
    pub fn new() -> Tokens<T> {
        todo!("an empty table")
    }

    /// Keeps an item, and gives it a name. It is never `usize::MAX`, which is left for other uses.
    ///
    /// # Panics
    ///
    /// If half of all numbers do not suffice for the items that are here at the same time.
    pub fn insert(&mut self, item: T) -> usize {
        todo!("a name that nobody has had")
    }

    /// The item of this name, if it is still here.
    #[must_use]
    pub fn get(&self, name: usize) -> Option<&T> {
        todo!("is it still the item of this name?")
    }

    /// The item of this name, to be changed, if it is still here.
    pub fn get_mut(&mut self, name: usize) -> Option<&mut T> {
        todo!("is it still the item of this name?")
    }

    /// Takes the item of this name out, if it is still here.
    pub fn remove(&mut self, name: usize) -> Option<T> {
        todo!("take it out, if it is still the item of this name")
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
