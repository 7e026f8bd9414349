//! Values that tell what became of them: dropped, dropped twice, moved.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::recorder::Recorder;

/// Counts how many [`Token`]s were handed out and how many of them are gone.
///
/// Give a token to the code under test as part of what it must own; afterwards [`alive`](DropCounter::alive) says what it still
/// holds. Safe code cannot drop a token twice; code with `unsafe` in it can, and [`dropped`](DropCounter::dropped) then exceeds
/// [`made`](DropCounter::made).
#[derive(Debug, Clone, Default)]
pub struct DropCounter {
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    made: AtomicUsize,
    dropped: AtomicUsize,
}

impl DropCounter {
    /// A counter with no tokens.
    #[must_use]
    pub fn new() -> DropCounter {
        DropCounter::default()
    }

    /// A token that counts. It also notes its end in a recording, if it is given a recorder with [`Token::in_track`].
    #[must_use]
    pub fn token(&self) -> Token {
        self.counts.made.fetch_add(1, Ordering::Relaxed);
        Token {
            counts: Arc::clone(&self.counts),
            note: None,
        }
    }

    /// How many tokens were handed out.
    #[must_use]
    pub fn made(&self) -> usize {
        self.counts.made.load(Ordering::Relaxed)
    }

    /// How many destructors of tokens ran.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.counts.dropped.load(Ordering::Relaxed)
    }

    /// How many tokens are still alive; 0 when more were dropped than made.
    #[must_use]
    pub fn alive(&self) -> usize {
        self.made().saturating_sub(self.dropped())
    }
}

/// A value whose end is noticed. See [`DropCounter`].
#[derive(Debug)]
pub struct Token {
    counts: Arc<Counts>,
    note: Option<(Recorder, String)>,
}

impl Token {
    /// A token of no counter, which notes in `track` that it was dropped: for a variable of a future whose end a run shows.
    ///
    /// ```
    /// use probe::Recorder;
    /// use probe::detect::Token;
    ///
    /// let recorder = Recorder::new();
    /// drop(Token::noting(&recorder, "a guard"));
    /// assert_eq!(recorder.recording().to_string(), " 1  a guard  dropped\n");
    /// ```
    #[must_use]
    pub fn noting(recorder: &Recorder, track: &str) -> Token {
        DropCounter::new().token().in_track(recorder, track)
    }

    /// The same token, which also notes in `track` that it was dropped.
    #[must_use]
    pub fn in_track(mut self, recorder: &Recorder, track: &str) -> Token {
        self.note = Some((recorder.clone(), track.to_owned()));
        self
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        if let Some((recorder, track)) = &self.note {
            recorder.drops(track);
        }
    }
}

/// Calls a closure when it is dropped: caller-supplied code that runs inside of a destructor.
///
/// A check gives it to the code under test as a part of what that code must own, or keeps it in a variable of a future.
///
/// ```
/// use std::cell::Cell;
///
/// use probe::detect::OnDrop;
///
/// let calls = Cell::new(0);
/// drop(OnDrop::new(|| calls.set(calls.get() + 1)));
/// assert_eq!(calls.get(), 1);
/// ```
pub struct OnDrop<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> OnDrop<F> {
    /// One that calls `call`, once.
    #[must_use]
    pub fn new(call: F) -> OnDrop<F> {
        OnDrop(Some(call))
    }
}

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(call) = self.0.take() {
            call();
        }
    }
}

impl<F: FnOnce()> fmt::Debug for OnDrop<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("OnDrop").finish_non_exhaustive()
    }
}

/// Remembers where it was first seen, and notices when it is somewhere else later.
///
/// A part of the code under test calls [`here`](Address::here) each time it runs. Moving it before the first call is allowed,
/// as it is for a future before it is pinned.
#[derive(Debug, Default)]
pub struct Address {
    first: Option<usize>,
    // Keeps the type from being zero-sized or optimised into a register of its own: an address needs a place.
    _place: u8,
}

impl Address {
    /// One that was never seen.
    #[must_use]
    pub fn new() -> Address {
        Address::default()
    }

    /// Whether it is where it was first seen. The address itself is never shown, as it differs from run to run.
    #[must_use]
    pub fn here(&mut self) -> bool {
        let now = std::ptr::from_ref(self).addr();
        *self.first.get_or_insert(now) == now
    }
}
