//! The locks and threads of this chapter: [`wakers::sync`], in whose place a check puts a model's.

pub(crate) use wakers::sync::*;
