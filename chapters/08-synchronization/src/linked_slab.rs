//! A list in insertion order from which any entry is removed in constant time.

use slab::Slab;

/// Entries in the order in which they were pushed. Every operation takes constant time, however many
/// entries there are: also the removal of one in the middle.
///
/// The entries lie in a slab, and each knows the keys of its neighbors. A key is valid until its
/// entry is removed; a later entry may then have the same key.
///
/// An entry can leave the order and keep its key, see [`unlink`](LinkedSlab::unlink).
///
/// ```
/// use synchronization::LinkedSlab;
///
/// let mut list = LinkedSlab::new();
/// let [a, b, c] = ["a", "b", "c"].map(|entry| list.push_back(entry));
/// list.remove(b);
/// list.unlink(a);
/// assert_eq!(list.front(), Some(c));
/// assert_eq!(list.get(a), &"a");
/// assert_eq!(list.len(), 1);
/// ```
#[derive(Debug, Clone)]
pub struct LinkedSlab<T> {
    entries: Slab<Entry<T>>,
    ends: Option<Ends>,
    linked: usize,
}

#[derive(Debug, Clone)]
struct Entry<T> {
    value: T,
    position: Position,
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy)]
enum Position {
    Linked {
        before: Option<usize>,
        after: Option<usize>,
    },
    Unlinked,
}

/// The first and the last linked entry.
#[derive(Debug, Clone, Copy)]
struct Ends {
    front: usize,
    back: usize,
}

impl<T> LinkedSlab<T> {
    /// An empty list.
    #[must_use]
    pub const fn new() -> LinkedSlab<T> {
        LinkedSlab {
            entries: Slab::new(),
            ends: None,
            linked: 0,
        }
    }

    /// The number of entries in the order, without the unlinked ones.
    #[must_use]
    pub fn len(&self) -> usize {
        self.linked
    }

    /// Whether no entry is in the order.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.linked == 0
    }

    /// The key of the first entry in the order.
    #[must_use]
    pub fn front(&self) -> Option<usize> {
        self.ends.map(|ends| ends.front)
    }

    /// Appends an entry, and returns its key.
    pub fn push_back(&mut self, value: T) -> usize {
        let before = self.ends.map(|ends| ends.back);
        let position = Position::Linked {
            before,
            after: None,
        };
        let key = self.entries.insert(Entry { value, position });
        if let Some(before) = before {
            self.set_after(before, Some(key));
        }
        let front = self.front().unwrap_or(key);
        self.ends = Some(Ends { front, back: key });
        self.linked += 1;
        key
    }

    /// The entry with this key, linked or not.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn get(&self, key: usize) -> &T {
        &self.entries[key].value
    }

    /// The entry with this key, linked or not.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn get_mut(&mut self, key: usize) -> &mut T {
        &mut self.entries[key].value
    }

    /// Takes the entry out of the order, and keeps it under its key. If it is out already, nothing
    /// changes.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn unlink(&mut self, key: usize) {
        let entry = &mut self.entries[key];
        let Position::Linked { before, after } = entry.position else {
            return;
        };
        entry.position = Position::Unlinked;
        if let Some(before) = before {
            self.set_after(before, after);
        }
        if let Some(after) = after {
            self.set_before(after, before);
        }
        let ends = self.ends.expect("an entry was linked");
        let front = if ends.front == key {
            after
        } else {
            Some(ends.front)
        };
        let back = if ends.back == key {
            before
        } else {
            Some(ends.back)
        };
        self.ends = front.zip(back).map(|(front, back)| Ends { front, back });
        self.linked -= 1;
    }

    /// Removes the entry, linked or not, and returns it.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn remove(&mut self, key: usize) -> T {
        self.unlink(key);
        self.entries.remove(key).value
    }

    fn set_before(&mut self, key: usize, new: Option<usize>) {
        if let Position::Linked { before, .. } = &mut self.entries[key].position {
            *before = new;
        }
    }

    fn set_after(&mut self, key: usize, new: Option<usize>) {
        if let Position::Linked { after, .. } = &mut self.entries[key].position {
            *after = new;
        }
    }
}

impl<T> Default for LinkedSlab<T> {
    fn default() -> LinkedSlab<T> {
        LinkedSlab::new()
    }
}
