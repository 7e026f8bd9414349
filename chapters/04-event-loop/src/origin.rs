//! Where a task comes from.

use std::any::type_name;
use std::fmt;
use std::panic::Location;

/// The line that spawned a task, and the type of the future that it spawned there. For an observer.
///
/// Both are known at compile time, so a loop without an observer pays nothing for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The call of `spawn`, `call_soon`, `block_on` and so on.
    pub location: &'static Location<'static>,
    /// The name of the future's type, or of the callback's, as [`type_name`] has it.
    pub future: &'static str,
    /// Whether it is a callback: its task must not be woken early, because its first poll calls it.
    pub is_callback: bool,
}

impl Origin {
    /// The origin of a future of type `F` that the caller of the calling function spawns.
    #[must_use]
    #[track_caller]
    pub fn of<F: ?Sized>() -> Origin {
        Origin {
            location: Location::caller(),
            future: type_name::<F>(),
            is_callback: false,
        }
    }

    /// The same of a callback.
    #[must_use]
    #[track_caller]
    pub(crate) fn of_callback<C>() -> Origin {
        Origin {
            is_callback: true,
            ..Origin::of::<C>()
        }
    }

    /// The function that an `async fn` or an async block belongs to: `fetch`. For any other future the name
    /// of its type; empty if the type is not known, because the future was boxed.
    ///
    /// ```
    /// use event_loop::origin::Origin;
    ///
    /// async fn fetch() {}
    /// fn origin_of<F>(_: F) -> Origin {
    ///     Origin::of::<F>()
    /// }
    /// assert_eq!(origin_of(fetch()).name(), "fetch");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        if self.future.contains("dyn ") {
            return "";
        }
        // An async block or function, also inside of other futures: `Named<program::fetch::{{closure}}>`.
        let (before, _) = self.future.split_once("::{").unwrap_or((self.future, ""));
        let is_async = before.len() < self.future.len();
        let mut parts = before.split(['<', ',', '(', ' ']);
        let path = if is_async {
            parts.next_back()
        } else {
            parts.next()
        };
        let path = path.unwrap_or_default().trim_end_matches('>');
        path.rsplit("::").next().unwrap_or_default()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.location.file().replace('\\', "/");
        write!(out, "{file}:{}", self.location.line())
    }
}
