//! The terminal: a screen of its own while the session runs, and as it was afterwards, however that ends.

use std::io::{self, Stdout};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui_core::layout::Size;
use ratatui_core::terminal::{Frame, Terminal as Drawn};
use ratatui_crossterm::CrosstermBackend;

/// Whether the terminal is taken at the moment.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether a panic took it back.
static PANICKED: AtomicBool = AtomicBool::new(false);

/// A terminal that hands over each key as it is pressed, with a screen beside the one that was there. Dropping it gives it back.
pub(super) struct Terminal {
    drawn: Drawn<CrosstermBackend<Stdout>>,
}

impl Terminal {
    pub(super) fn take() -> io::Result<Terminal> {
        give_back_before_a_panic_is_told();
        take()?;
        let drawn = drawn().inspect_err(|_| give_back())?;
        Ok(Terminal { drawn })
    }

    pub(super) fn size(&self) -> io::Result<Size> {
        self.drawn.size()
    }

    /// Draws what has changed since the last time.
    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.drawn.draw(draw).map(drop)
    }

    /// Has the next drawing be a whole one, on an empty screen.
    pub(super) fn forget(&mut self) -> io::Result<()> {
        // Its own way to clear asks the terminal where the cursor is, and the answer would be read as keys.
        execute!(io::stdout(), Clear(ClearType::All))?;
        self.drawn = drawn()?;
        Ok(())
    }

    /// Gives the terminal to another program for a while.
    pub(super) fn lend<T>(&mut self, to: impl FnOnce() -> T) -> io::Result<T> {
        give_back();
        let result = to();
        take()?;
        self.forget()?;
        Ok(result)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Whether some thread panicked, and the terminal is no longer the session's.
pub(super) fn is_lost() -> bool {
    PANICKED.load(Ordering::SeqCst)
}

/// Gives the terminal back, if it is taken: for a way out that does not return.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

fn drawn() -> io::Result<Drawn<CrosstermBackend<Stdout>>> {
    Drawn::new(CrosstermBackend::new(io::stdout()))
}

fn take() -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()
        .and_then(|()| execute!(io::stdout(), EnterAlternateScreen, Hide))
        .inspect_err(|_| give_back())
}

fn give_back_before_a_panic_is_told() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            PANICKED.store(true, Ordering::SeqCst);
            give_back();
            before(info);
        }));
    });
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read as _;

    use super::*;

    const INSIDE: &str = "TAKES_A_TERMINAL_AND_PANICS";

    /// This is a program for the test below: it runs in a terminal of its own.
    #[test]
    fn panics_with_the_terminal() {
        if std::env::var_os(INSIDE).is_some() {
            let _terminal = Terminal::take().unwrap();
            std::thread::spawn(|| panic!("what went wrong"))
                .join()
                .unwrap_err();
            assert!(is_lost());
        }
    }

    #[test]
    fn a_panic_in_any_thread_gives_the_terminal_back_before_it_is_told() {
        let (mut pty, pts) = pty_process::blocking::open().unwrap();
        pty.resize(pty_process::Size::new(24, 80)).unwrap();
        let name = "commands::watch::terminal::tests::panics_with_the_terminal";
        let mut child = pty_process::blocking::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(INSIDE, "1")
            .spawn(pts)
            .unwrap();
        let mut emulator = vt100::Parser::default();
        let mut buffer = [0; 1024];
        // The end of a terminal is an error on some systems.
        while let Ok(length @ 1..) = pty.read(&mut buffer) {
            emulator.process(&buffer[..length]);
        }
        assert!(child.wait().unwrap().success());
        let screen = emulator.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor());
        assert!(screen.contents().contains("what went wrong"));
    }
}
