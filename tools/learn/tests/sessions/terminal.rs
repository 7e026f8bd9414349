//! A program in a pseudo-terminal, and what its screen shows.

use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::os::fd::AsFd as _;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty, open};

use crate::sample::{Sample, target};

/// How long anything may take on a busy machine. A test that passes never waits so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// How high and how wide the terminal is.
const SIZE: (u16, u16) = (50, 110);

/// A session in a terminal.
pub(crate) struct Session {
    child: Child,
    pty: Pty,
    output: Receiver<Vec<u8>>,
    emulator: vt100::Parser,
    /// Everything that was written to the terminal so far.
    pub(crate) written: Vec<u8>,
}

impl Session {
    pub(crate) fn start(sample: &Sample, arguments: &[&str]) -> Session {
        Session::start_program(sample, env!("CARGO_BIN_EXE_learn"), arguments, &[])
    }

    pub(crate) fn start_program(
        sample: &Sample,
        program: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Session {
        let (rows, columns) = SIZE;
        let (pty, pts) = open().expect("there are pseudo-terminals");
        pty.resize(pty_process::Size::new(rows, columns)).unwrap();
        let child = Command::new(program)
            .args(arguments)
            .current_dir(sample.path(""))
            .env("LEARN_TARGET", target())
            .env("TERM", "xterm")
            .env_remove("NO_COLOR")
            .env_remove("VISUAL")
            .env("EDITOR", "true")
            .envs(environment.iter().copied())
            .spawn(pts)
            .expect("the program starts");
        let (sender, output) = mpsc::channel();
        let second_handle = pty.as_fd().try_clone_to_owned().unwrap();
        let mut reader = std::fs::File::from(second_handle);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Session {
            child,
            pty,
            output,
            emulator: emulator(rows, columns),
            written: Vec::new(),
        }
    }

    /// Waits until the screen shows this text, wherever its lines end.
    #[track_caller]
    pub(crate) fn expect(&mut self, text: &str) {
        self.wait(text, |screen| words(screen).contains(text));
    }

    /// Waits until the screen does not show this text any more.
    #[track_caller]
    pub(crate) fn expect_gone(&mut self, text: &str) {
        self.wait(text, |screen| !words(screen).contains(text));
    }

    /// Waits until the program has the terminal for itself.
    #[track_caller]
    pub(crate) fn expect_taken(&mut self) {
        self.wait("a screen of its own", |screen| {
            screen.alternate_screen() && screen.hide_cursor()
        });
    }

    /// Waits until the screen and the cursor are as they were before the program came.
    #[track_caller]
    pub(crate) fn expect_given_back(&mut self) {
        self.wait("the screen as it was", |screen| {
            !screen.alternate_screen() && !screen.hide_cursor()
        });
    }

    #[track_caller]
    fn wait(&mut self, what: &str, is_there: impl Fn(&vt100::Screen) -> bool) {
        let begun = Instant::now();
        while !is_there(self.emulator.screen()) {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            match self.output.recv_timeout(left) {
                Ok(bytes) => {
                    self.emulator.process(&bytes);
                    self.written.extend(bytes);
                }
                Err(error) => panic!(
                    "`{what}` did not come ({error}):\n{}",
                    self.emulator.screen().contents()
                ),
            }
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.pty.write_all(keys.as_bytes()).unwrap();
    }

    pub(crate) fn resize(&mut self, rows: u16, columns: u16) {
        self.emulator
            .screen_mut()
            .set_size(cells(rows), cells(columns));
        let size = pty_process::Size::new(rows, columns);
        self.pty.resize(size).unwrap();
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn end(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

/// What stands on the screen, with one space for each gap.
fn words(screen: &vt100::Screen) -> String {
    let text = screen.contents();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn emulator(rows: u16, columns: u16) -> vt100::Parser {
    vt100::Parser::new(cells(rows), cells(columns), 0)
}

fn cells(number: u16) -> NonZero<u16> {
    NonZero::new(number).expect("a terminal has room for something")
}
