//! Keys, read by a thread of their own.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crossterm::event::{self, Event as Input, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::event::Event;

/// A key that means something here. What it means is a matter of what stands on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A character.
    Char(char),
    /// Yes, this one.
    Enter,
    /// Back.
    Escape,
    /// The last character was wrong.
    Backspace,
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// The exercise before.
    Left,
    /// The exercise after.
    Right,
    /// A screenful up.
    PageUp,
    /// A screenful down.
    PageDown,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// Ctrl-C, and Ctrl-D.
    Interrupt,
    /// Ctrl-Z.
    Suspend,
    /// Ctrl-L: draw everything once more.
    Redraw,
}

/// Reads keys until the session ends. While [`Keys::pause`] is held, the keys belong to another program, such as an editor.
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
                // The session gets a chance to pause.
                thread::yield_now();
            }
            let _ = events.send(Event::Deserted);
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
        return match key.code {
            KeyCode::Char('c' | 'd') => Some(Key::Interrupt),
            KeyCode::Char('z') => Some(Key::Suspend),
            KeyCode::Char('l') => Some(Key::Redraw),
            _ => None,
        };
    }
    match key.code {
        KeyCode::Char(char) => Some(Key::Char(char)),
        KeyCode::Enter => Some(Key::Enter),
        KeyCode::Esc => Some(Key::Escape),
        KeyCode::Backspace => Some(Key::Backspace),
        KeyCode::Up => Some(Key::Up),
        KeyCode::Down => Some(Key::Down),
        KeyCode::Left => Some(Key::Left),
        KeyCode::Right => Some(Key::Right),
        KeyCode::PageUp => Some(Key::PageUp),
        KeyCode::PageDown => Some(Key::PageDown),
        KeyCode::Home => Some(Key::Home),
        KeyCode::End => Some(Key::End),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_c_leaves_although_the_terminal_is_raw() {
        let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(meaning(key), Some(Key::Interrupt));
        let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::NONE);
        assert_eq!(meaning(key), Some(Key::Char('c')));
    }
}
