//! Looks, loads and looks again, in nested closures.

use std::cell::RefCell;
use std::collections::HashMap;

/// Prices of items, loaded when they are asked for.
///
/// Each use of the cache is complete before `load` begins, and after it has ended. So `load` may wait, may
/// use this cache itself, may panic, and may be dropped in the middle.
#[derive(Debug, Default)]
pub struct Prices {
    cache: RefCell<HashMap<u32, u32>>,
}

impl Prices {
    /// The price of an item. If the cache has it, `load` is not called.
    ///
    /// If several green threads miss the same item at the same time, each of them loads it. The price that was
    /// stored first stays, and all of them return it.
    pub fn price(&self, item: u32, load: impl FnOnce() -> u32) -> u32 {
        let look = || self.cache.borrow().get(&item).copied();
        look().unwrap_or_else(|| {
            let loaded = load();
            look().unwrap_or_else(|| {
                self.cache.borrow_mut().insert(item, loaded);
                loaded
            })
        })
    }

    /// How many prices are kept.
    pub fn len(&self) -> usize {
        self.cache.borrow().len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
