//! A log that says for which request each line was written. It was made for a server with a thread for each request,
//! and its lines were right there. With green threads some lines name another request.

use std::cell::RefCell;
// YOURS
use std::collections::HashMap;
// YOURS_END

thread_local! {
    // YOURS
    /// For each green thread the requests that it is in, the innermost one last.
    static REQUESTS: RefCell<HashMap<Option<u64>, Vec<String>>> = RefCell::default();
    // STUB: /// The request that is being served.
    // STUB: static REQUEST: RefCell<Option<String>> = const { RefCell::new(None) };
    // YOURS_END
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Calls `serve`, and returns what it returns. What `serve` and the functions that it calls log meanwhile is marked with
/// this name, also after a wait.
///
/// Inside of `serve`, `in_request` may be called again: the inner name counts until the inner call ends, and the outer
/// one after that. It ends by a return, a panic, or the drop of its green thread, and leaves nothing behind. `serve` may
/// log in its destructors then; in a drop such a line may name the request of the code that drops.
///
/// On a green thread it concerns no other green thread, task, or code of the loop. It works outside of green threads as
/// well: there it concerns all code of the thread that is on no green thread, also the tasks that a loop polls meanwhile.
pub fn in_request<T>(name: &str, serve: impl FnOnce() -> T) -> T {
    // YOURS
    let thread = green::number();
    REQUESTS.with_borrow_mut(|all| all.entry(thread).or_default().push(name.to_owned()));
    let _leaves = Leaves(thread);
    serve()
    // STUB: let outer = REQUEST.replace(Some(name.to_owned()));
    // STUB: let _leaves = Leaves(outer);
    // STUB: serve()
    // YOURS_END
}

/// Writes a line: `request: text`, or `-: text` outside of each request.
pub fn log(text: &str) {
    // YOURS
    let thread = green::number();
    let request = REQUESTS.with_borrow(|all| all.get(&thread)?.last().cloned());
    // STUB: let request = REQUEST.with_borrow(Clone::clone);
    // YOURS_END
    let request = request.as_deref().unwrap_or("-");
    LINES.with_borrow_mut(|lines| lines.push(format!("{request}: {text}")));
}

/// Returns the lines of this thread of the system that were written since the last call.
pub fn lines() -> Vec<String> {
    LINES.take()
}
// YOURS

/// Leaves the request of this green thread. It may run on another stack than the request's: that of a drop.
struct Leaves(Option<u64>);

impl Drop for Leaves {
    fn drop(&mut self) {
        REQUESTS.with_borrow_mut(|all| {
            let requests = all.entry(self.0).or_default();
            requests.pop();
            if requests.is_empty() {
                all.remove(&self.0);
            }
        });
    }
}
// STUB: /// Goes back to the outer request.
// STUB: struct Leaves(Option<String>);
// STUB:
// STUB: impl Drop for Leaves {
// STUB:     fn drop(&mut self) {
// STUB:         REQUEST.replace(self.0.take());
// STUB:     }
// STUB: }
// YOURS_END
