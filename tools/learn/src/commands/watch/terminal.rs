//! The terminal: raw while the session runs, and as it was afterwards, however that ends.

use std::io::{self, Write as _};
use std::sync::Once;

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::execute;
use crossterm::terminal::{Clear, ClearType, disable_raw_mode, enable_raw_mode};

/// A terminal that hands over each key as it is pressed. Dropping it gives it back.
pub(super) struct Terminal;

impl Terminal {
    pub(super) fn take() -> io::Result<Terminal> {
        give_back_before_a_panic_is_told();
        enable_raw_mode()?;
        execute!(io::stdout(), Hide)?;
        Ok(Terminal)
    }

    /// Shows a text on an empty screen.
    pub(super) fn show(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        execute!(out, Clear(ClearType::All), MoveTo(0, 0))?;
        // In raw mode a line feed does not go back to the first column.
        out.write_all(text.replace('\n', "\r\n").as_bytes())?;
        out.flush()
    }

    /// Gives the terminal to somebody else for a while.
    pub(super) fn lend(&self, to: impl FnOnce()) -> io::Result<()> {
        give_back();
        execute!(io::stdout(), Clear(ClearType::All), MoveTo(0, 0))?;
        to();
        enable_raw_mode()?;
        execute!(io::stdout(), Hide)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

fn give_back() {
    let _ = disable_raw_mode();
    let _ = execute!(io::stdout(), Show);
}

fn give_back_before_a_panic_is_told() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            give_back();
            before(info);
        }));
    });
}
