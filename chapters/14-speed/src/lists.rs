//! Many doubly linked lists whose entries live in one arena.

use std::fmt;

use slab::Slab;

/// Holds the entries of many [`List`]s. An entry is in at most one list at a time.
///
/// Every operation takes constant time, and only [`insert`](Arena::insert) may allocate. An entry is
/// named by the index that `insert` returned, until [`remove`](Arena::remove); later the arena may
/// give the same index to another entry.
///
/// The lists hold indices and not pointers, so this file needs no unsafe code.
///
/// ```
/// use speed::lists::{Arena, List};
///
/// let mut arena = Arena::new();
/// let mut queue = List::new();
/// for letter in ['a', 'b', 'c'] {
///     let index = arena.insert(letter);
///     arena.link_back(&mut queue, index);
/// }
/// let first = queue.first().unwrap();
/// let second = arena.after(first).unwrap();
/// arena.unlink(&mut queue, second);
/// assert_eq!(arena.remove(second), 'b');
/// assert_eq!(arena.after(first).map(|third| arena[third]), Some('c'));
/// ```
pub struct Arena<T> {
    nodes: Slab<Node<T>>,
}

struct Node<T> {
    before: usize,
    after: usize,
    value: T,
}

/// The ends of one list of an [`Arena`].
///
/// A list does not know its arena. The caller always passes the same arena with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List {
    first: usize,
    last: usize,
}

/// Stands for "no entry". No slab is that long.
const NONE: usize = usize::MAX;

fn some(index: usize) -> Option<usize> {
    (index != NONE).then_some(index)
}

impl List {
    /// A list without entries.
    #[must_use]
    pub const fn new() -> List {
        List {
            first: NONE,
            last: NONE,
        }
    }

    /// The index of the first entry.
    #[must_use]
    pub fn first(&self) -> Option<usize> {
        some(self.first)
    }

    /// The index of the last entry.
    #[must_use]
    pub fn last(&self) -> Option<usize> {
        some(self.last)
    }

    /// Whether the list has no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first == NONE
    }
}

impl Default for List {
    fn default() -> List {
        List::new()
    }
}

impl<T> Arena<T> {
    /// An arena without entries. It allocates with the first one.
    #[must_use]
    pub const fn new() -> Arena<T> {
        Arena { nodes: Slab::new() }
    }

    /// Stores an entry, which is in no list yet, and returns its index.
    pub fn insert(&mut self, value: T) -> usize {
        self.nodes.insert(Node {
            before: NONE,
            after: NONE,
            value,
        })
    }

    /// Removes the entry from the arena and returns its value.
    ///
    /// The caller has [unlinked](Arena::unlink) it before.
    ///
    /// # Panics
    ///
    /// If the arena has no such entry.
    pub fn remove(&mut self, index: usize) -> T {
        self.nodes.remove(index).value
    }

    /// The entry at this index, if there is one.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&T> {
        self.nodes.get(index).map(|node| &node.value)
    }

    /// The entry at this index, if there is one.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.nodes.get_mut(index).map(|node| &mut node.value)
    }

    /// How many entries the arena holds, in a list or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the arena holds no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The index of the entry behind this one in its list.
    ///
    /// # Panics
    ///
    /// If the arena has no such entry.
    #[must_use]
    pub fn after(&self, index: usize) -> Option<usize> {
        some(self.nodes[index].after)
    }

    /// The index of the entry before this one in its list.
    ///
    /// # Panics
    ///
    /// If the arena has no such entry.
    #[must_use]
    pub fn before(&self, index: usize) -> Option<usize> {
        some(self.nodes[index].before)
    }

    /// Makes an entry that is in no list the last of this one.
    ///
    /// # Panics
    ///
    /// If the arena has no such entry.
    pub fn link_back(&mut self, list: &mut List, index: usize) {
        self.link_after(list, list.last(), index);
    }

    /// Puts an entry that is in no list behind `place`, an entry of this list; or in front of all, if
    /// `place` is `None`.
    ///
    /// # Panics
    ///
    /// If the arena has no such entry.
    pub fn link_after(&mut self, list: &mut List, place: Option<usize>, index: usize) {
        let before = place.unwrap_or(NONE);
        let after = match place {
            Some(place) => self.nodes[place].after,
            None => list.first,
        };
        self.join(list, before, index);
        self.join(list, index, after);
    }

    /// Takes an entry out of this list, in which it is. It stays in the arena.
    ///
    /// # Panics
    ///
    /// If the arena has no such entry.
    pub fn unlink(&mut self, list: &mut List, index: usize) {
        let Node { before, after, .. } = self.nodes[index];
        self.join(list, before, after);
    }

    /// Makes two entries neighbors; `NONE` is the end of the list.
    fn join(&mut self, list: &mut List, before: usize, after: usize) {
        match some(before) {
            Some(before) => self.nodes[before].after = after,
            None => list.first = after,
        }
        match some(after) {
            Some(after) => self.nodes[after].before = before,
            None => list.last = before,
        }
    }
}

impl<T> std::ops::Index<usize> for Arena<T> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        &self.nodes[index].value
    }
}

impl<T> std::ops::IndexMut<usize> for Arena<T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        &mut self.nodes[index].value
    }
}

impl<T> Default for Arena<T> {
    fn default() -> Arena<T> {
        Arena::new()
    }
}

impl<T> fmt::Debug for Arena<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Arena").field("len", &self.len()).finish()
    }
}
