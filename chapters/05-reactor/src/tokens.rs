//! Names for sources, of which none is ever taken for another.

use std::fmt;
// YOURS

use slab::Slab;
// YOURS_END

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
    // YOURS
    /// The lower half of a name is a place, and the upper half says how many items came before.
    places: Slab<Place<T>>,
    /// How many there have ever been.
    count: usize,
    // STUB: items: Vec<Option<T>>, // Yours to replace.
    // YOURS_END
}
// YOURS

struct Place<T> {
    name: usize,
    item: T,
}

const HALF: u32 = usize::BITS / 2;
const LOWER: usize = (1 << HALF) - 1;
// YOURS_END

impl<T> Tokens<T> {
    /// An empty table.
    #[must_use]
    pub fn new() -> Tokens<T> {
        // YOURS
        Tokens {
            places: Slab::new(),
            count: 0,
        }
        // STUB: todo!("an empty table")
        // YOURS_END
    }

    /// Keeps an item, and gives it a name. It is never `usize::MAX`, which is left for other uses.
    ///
    /// # Panics
    ///
    /// If half of all numbers do not suffice for the items that are here at the same time.
    pub fn insert(&mut self, item: T) -> usize {
        // YOURS
        let place = self.places.vacant_key();
        assert!(place < LOWER, "too many items for one table");
        self.count = self.count.wrapping_add(1);
        let name = (self.count << HALF) | place;
        self.places.insert(Place { name, item });
        name
        // STUB: todo!("a name that nobody has had")
        // YOURS_END
    }

    /// The item of this name, if it is still here.
    #[must_use]
    pub fn get(&self, name: usize) -> Option<&T> {
        // YOURS
        let place = self.places.get(name & LOWER)?;
        (place.name == name).then_some(&place.item)
        // STUB: todo!("is it still the item of this name?")
        // YOURS_END
    }

    /// The item of this name, to be changed, if it is still here.
    pub fn get_mut(&mut self, name: usize) -> Option<&mut T> {
        // YOURS
        let place = self.places.get_mut(name & LOWER)?;
        (place.name == name).then_some(&mut place.item)
        // STUB: todo!("is it still the item of this name?")
        // YOURS_END
    }

    /// Takes the item of this name out, if it is still here.
    pub fn remove(&mut self, name: usize) -> Option<T> {
        // YOURS
        self.get(name)?;
        Some(self.places.remove(name & LOWER).item)
        // STUB: todo!("take it out, if it is still the item of this name")
        // YOURS_END
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        // YOURS
        self.places.len()
        // STUB: todo!("how many are there?")
        // YOURS_END
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
