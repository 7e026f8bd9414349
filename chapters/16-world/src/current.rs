//! An answer that can be replaced while the server runs.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use hyper::Request;
use hyper::body::Incoming;

use crate::http_connection::{Answer, Answering};

/// The answer that is in force now.
///
/// Each request asks for it once, when its head has arrived. So a request that is in flight ends with the answer
/// with which it began, and the next one, on the same connection or another, gets the new one.
// ANCHOR: current
pub struct Current {
    now: RefCell<Rc<dyn Answer>>,
}

impl Current {
    /// This one, until it is replaced.
    #[must_use]
    pub fn new(answer: Rc<dyn Answer>) -> Current {
        let now = RefCell::new(answer);
        Current { now }
    }

    /// From now on this one. The older one is dropped when its last request is answered.
    pub fn replace(&self, answer: Rc<dyn Answer>) {
        let older = self.now.replace(answer);
        drop(older);
    }
}

impl Answer for Current {
    fn answer(self: Rc<Self>, request: Request<Incoming>) -> Answering {
        let now = Rc::clone(&self.now.borrow());
        now.answer(request)
    }
}
// ANCHOR_END: current

impl fmt::Debug for Current {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Current").finish_non_exhaustive()
    }
}
