//! Keys for sources. No key is used for a second source.

use std::fmt;
// YOURS

use slab::Slab;
// YOURS_END

/// A table that gives each item a number as its key.
///
/// The kernel stores the key with each source and returns it with each event. An event may be on
/// its way when its source is dropped and another one is inserted: the old key must not find the new
/// source. So the table gives no key a second time before it has given four billion others.
///
/// The table uses memory for the most items that were in it at the same time, and not for all that
/// were ever inserted.
pub struct Tokens<T> {
    // YOURS
    /// The lower half of a key is the slot; the upper half is the generation: a count of all inserts.
    slots: Slab<Slot<T>>,
    /// The number of inserts.
    count: usize,
    // STUB: items: Vec<Option<T>>, // Yours to replace.
    // YOURS_END
}
// YOURS

struct Slot<T> {
    key: usize,
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
            slots: Slab::new(),
            count: 0,
        }
        // STUB: todo!("an empty table")
        // YOURS_END
    }

    /// Inserts an item and returns its key. The key is never `usize::MAX`, which the reactor uses for
    /// its waker.
    ///
    /// # Panics
    ///
    /// May panic if 4,294,967,295 items are in the table at the same time.
    pub fn insert(&mut self, item: T) -> usize {
        // YOURS
        let slot = self.slots.vacant_key();
        assert!(slot < LOWER, "too many items for one table");
        self.count = self.count.wrapping_add(1);
        let key = (self.count << HALF) | slot;
        self.slots.insert(Slot { key, item });
        key
        // STUB: todo!("a key that no item has had")
        // YOURS_END
    }

    /// The item with this key, if it is still in the table.
    #[must_use]
    pub fn get(&self, key: usize) -> Option<&T> {
        // YOURS
        let slot = self.slots.get(key & LOWER)?;
        (slot.key == key).then_some(&slot.item)
        // STUB: todo!("is it still the item with this key?")
        // YOURS_END
    }

    /// The item with this key, to be changed, if it is still in the table.
    pub fn get_mut(&mut self, key: usize) -> Option<&mut T> {
        // YOURS
        let slot = self.slots.get_mut(key & LOWER)?;
        (slot.key == key).then_some(&mut slot.item)
        // STUB: todo!("is it still the item with this key?")
        // YOURS_END
    }

    /// Removes and returns the item with this key, if it is still in the table.
    pub fn remove(&mut self, key: usize) -> Option<T> {
        // YOURS
        self.get(key)?;
        Some(self.slots.remove(key & LOWER).item)
        // STUB: todo!("remove it, if it is still the item with this key")
        // YOURS_END
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        // YOURS
        self.slots.len()
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
