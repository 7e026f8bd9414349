//! Gives each item a place of its own, and no place a second time.
//!
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
    places: Vec<Option<T>>,
}

impl<T> Tokens<T> {
    /// An empty table.
    #[must_use]
    pub fn new() -> Tokens<T> {
        Tokens { places: Vec::new() }
    }

    /// Keeps an item, and gives it a name. It is never `usize::MAX`, which is left for other uses.
    ///
    /// # Panics
    ///
    /// If half of all numbers do not suffice for the items that are here at the same time.
    pub fn insert(&mut self, item: T) -> usize {
        // ANCHOR: mistake
        self.places.push(Some(item));
        self.places.len() - 1
        // ANCHOR_END: mistake
    }

    /// The item of this name, if it is still here.
    #[must_use]
    pub fn get(&self, name: usize) -> Option<&T> {
        self.places.get(name)?.as_ref()
    }

    /// The item of this name, to be changed, if it is still here.
    pub fn get_mut(&mut self, name: usize) -> Option<&mut T> {
        self.places.get_mut(name)?.as_mut()
    }

    /// Takes the item of this name out, if it is still here.
    pub fn remove(&mut self, name: usize) -> Option<T> {
        self.places.get_mut(name)?.take()
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.iter().flatten().count()
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
