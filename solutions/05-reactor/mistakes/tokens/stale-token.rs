//! Gives the place of an item as its name.
//!
//! Names for sources, of which none is ever taken for another.

use std::fmt;

use slab::Slab;

/// A table that gives each item a number as its name.
///
/// The operating system keeps the number with each source and hands it back with each event. An
/// event may be on its way when its source is dropped, and another one put into the table: the old
/// number must not lead there. So no name is given a second time, however often items come and go;
/// at least not before a few thousand million others have been.
pub struct Tokens<T> {
    /// The lower half of a name is a place, and the upper half says how many items came before.
    places: Slab<T>,
}

impl<T> Tokens<T> {
    /// An empty table.
    #[must_use]
    pub fn new() -> Tokens<T> {
        Tokens {
            places: Slab::new(),
        }
    }

    /// Keeps an item, and gives it a name. It is never `usize::MAX`, which is left for other uses.
    ///
    /// # Panics
    ///
    /// If half of all numbers do not suffice for the items that are here at the same time.
    pub fn insert(&mut self, item: T) -> usize {
        // ANCHOR: mistake
        self.places.insert(item)
        // ANCHOR_END: mistake
    }

    /// The item of this name, if it is still here.
    #[must_use]
    pub fn get(&self, name: usize) -> Option<&T> {
        self.places.get(name)
    }

    /// The item of this name, to be changed, if it is still here.
    pub fn get_mut(&mut self, name: usize) -> Option<&mut T> {
        self.places.get_mut(name)
    }

    /// Takes the item of this name out, if it is still here.
    pub fn remove(&mut self, name: usize) -> Option<T> {
        self.places.try_remove(name)
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
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
