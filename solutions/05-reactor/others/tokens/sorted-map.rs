//! No slots and no generations: a map from each key to its item, and the keys go upwards.

use std::collections::BTreeMap;
use std::fmt;

pub struct Tokens<T> {
    items: BTreeMap<usize, T>,
    next: usize,
}

impl<T> Tokens<T> {
    #[must_use]
    pub fn new() -> Tokens<T> {
        Tokens {
            items: BTreeMap::new(),
            next: 0,
        }
    }

    pub fn insert(&mut self, item: T) -> usize {
        // On a machine of 32 bits the keys start again, and those that are in use are left out.
        while self.next == usize::MAX || self.items.contains_key(&self.next) {
            self.next = self.next.wrapping_add(1);
        }
        let key = self.next;
        self.next += 1;
        self.items.insert(key, item);
        key
    }

    #[must_use]
    pub fn get(&self, key: usize) -> Option<&T> {
        self.items.get(&key)
    }

    pub fn get_mut(&mut self, key: usize) -> Option<&mut T> {
        self.items.get_mut(&key)
    }

    pub fn remove(&mut self, key: usize) -> Option<T> {
        self.items.remove(&key)
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl<T> Default for Tokens<T> {
    fn default() -> Tokens<T> {
        Tokens::new()
    }
}

impl<T> fmt::Debug for Tokens<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} tokens", self.items.len())
    }
}
