//! The locks and atomics of this chapter: [`wakers::sync`], in whose place a check puts a model's.

pub use wakers::sync::*;
