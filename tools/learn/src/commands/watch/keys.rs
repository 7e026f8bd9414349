//! Keys, read by a thread of their own.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crossterm::event::{self, Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::event::Event;

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// On to the next exercise.
    Next,
    /// The next hint.
    Hint,
    /// The mistake at length.
    Explain,
    /// Every exercise with its state.
    List,
    /// The reference answer.
    Solution,
    /// Put the exercise off.
    Skip,
    /// Open the file in an editor.
    Editor,
    /// Build the book and open it.
    Book,
    /// Check once more.
    Again,
    /// All keys.
    Help,
    /// Back to the verdict.
    Back,
    /// Leave.
    Quit,
}

/// Reads keys until the session ends. While somebody holds [`Keys::pause`], the keys belong to them: an editor, say.
pub(super) struct Keys {
    gate: Arc<Mutex<()>>,
}

impl Keys {
    pub(super) fn listen(events: Sender<Event>) -> Keys {
        let gate = Arc::new(Mutex::new(()));
        let behind = Arc::clone(&gate);
        thread::spawn(move || {
            while let Ok(event) = next(&behind) {
                if event.is_some_and(|event| events.send(event).is_err()) {
                    return;
                }
                // Whoever wants to pause gets a chance to.
                thread::yield_now();
            }
        });
        Keys { gate }
    }

    pub(super) fn pause(&self) -> MutexGuard<'_, ()> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The next event of the terminal's, if one comes soon.
fn next(gate: &Mutex<()>) -> std::io::Result<Option<Event>> {
    const SOON: Duration = Duration::from_millis(50);
    let open = gate.lock().unwrap_or_else(PoisonError::into_inner);
    let event = if event::poll(SOON)? {
        Some(event::read()?)
    } else {
        None
    };
    drop(open);
    Ok(event.and_then(|event| match event {
        Input::Resize(..) => Some(Event::Resized),
        Input::Key(key) => meaning(key).map(Event::Key),
        _ => None,
    }))
}

fn meaning(key: KeyEvent) -> Option<Key> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return matches!(key.code, KeyCode::Char('c' | 'd')).then_some(Key::Quit);
    }
    match key.code {
        KeyCode::Char('n') => Some(Key::Next),
        KeyCode::Char('h') => Some(Key::Hint),
        KeyCode::Char('x') => Some(Key::Explain),
        KeyCode::Char('l') => Some(Key::List),
        KeyCode::Char('s') => Some(Key::Solution),
        KeyCode::Char('k') => Some(Key::Skip),
        KeyCode::Char('e') => Some(Key::Editor),
        KeyCode::Char('b') => Some(Key::Book),
        KeyCode::Char('r') => Some(Key::Again),
        KeyCode::Char('?') => Some(Key::Help),
        KeyCode::Char('q') => Some(Key::Quit),
        KeyCode::Esc | KeyCode::Enter | KeyCode::Char(' ') => Some(Key::Back),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_c_leaves_although_the_terminal_is_raw() {
        let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(meaning(key), Some(Key::Quit));
        let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::NONE);
        assert_eq!(meaning(key), None);
    }
}
