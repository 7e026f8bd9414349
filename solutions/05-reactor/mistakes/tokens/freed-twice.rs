//! Removing a second time with the same key frees the slot a second time.

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
    slots: Vec<(u32, Option<T>)>,
    free: Vec<usize>,
}

impl<T> Tokens<T> {
    /// An empty table.
    #[must_use]
    pub fn new() -> Tokens<T> {
        Tokens {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Inserts an item and returns its key. The key is never `usize::MAX`, which the reactor uses for
    /// its waker.
    ///
    /// # Panics
    ///
    /// May panic if 4,294,967,295 items are in the table at the same time.
    pub fn insert(&mut self, item: T) -> usize {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push((0, None));
            self.slots.len() - 1
        });
        let (generation, place) = &mut self.slots[slot];
        *generation = generation.wrapping_add(1);
        *place = Some(item);
        (*generation as usize) << 32 | slot
    }

    /// The item with this key, if it is still in the table.
    #[must_use]
    pub fn get(&self, key: usize) -> Option<&T> {
        let (generation, item) = self.slots.get(key & 0xFFFF_FFFF)?;
        if *generation as usize == key >> 32 {
            item.as_ref()
        } else {
            None
        }
    }

    /// The item with this key, to be changed, if it is still in the table.
    pub fn get_mut(&mut self, key: usize) -> Option<&mut T> {
        let (generation, item) = self.slots.get_mut(key & 0xFFFF_FFFF)?;
        if *generation as usize == key >> 32 {
            item.as_mut()
        } else {
            None
        }
    }

    /// Removes and returns the item with this key, if it is still in the table.
    // ANCHOR: mistake
    pub fn remove(&mut self, key: usize) -> Option<T> {
        let slot = key & 0xFFFF_FFFF;
        let (generation, place) = self.slots.get_mut(slot)?;
        if *generation as usize != key >> 32 {
            return None;
        }
        let item = place.take();
        self.free.push(slot);
        item
    }
    // ANCHOR_END: mistake

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.iter().filter(|(_, item)| item.is_some()).count()
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
