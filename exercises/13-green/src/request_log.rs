//! A log that says for which request each line was written. It was made for a server with a thread for each request,
//! and its lines were right there. With green threads some lines name another request.

use std::cell::RefCell;

thread_local! {
    /// The request that is being served.
    static REQUEST: RefCell<Option<String>> = const { RefCell::new(None) };
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
    let outer = REQUEST.replace(Some(name.to_owned()));
    let _leaves = Leaves(outer);
    serve()
}

/// Writes a line: `request: text`, or `-: text` outside of each request.
pub fn log(text: &str) {
    let request = REQUEST.with_borrow(Clone::clone);
    let request = request.as_deref().unwrap_or("-");
    LINES.with_borrow_mut(|lines| lines.push(format!("{request}: {text}")));
}

/// Returns the lines of this thread of the system that were written since the last call.
pub fn lines() -> Vec<String> {
    LINES.take()
}
/// Goes back to the outer request.
struct Leaves(Option<String>);

impl Drop for Leaves {
    fn drop(&mut self) {
        REQUEST.replace(self.0.take());
    }
}
