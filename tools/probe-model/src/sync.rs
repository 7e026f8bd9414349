//! What code under the model uses in place of `std::sync` and `std::thread`.

pub use shuttle::sync::{
    Arc, Condvar, LockResult, Mutex, MutexGuard, Once, PoisonError, RwLock, RwLockReadGuard,
    RwLockWriteGuard, TryLockError, TryLockResult, Weak,
};
pub use shuttle::thread;

pub use shuttle::sync::{atomic, mpsc};

pub use shuttle::hint;
