//! The watch mode in a real pseudo-terminal.

use std::fs;
use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty, open};

use crate::hunts::hunt;
use crate::sample::{DOUBLE, FORGOT, RIGHT, Sample, target};
use crate::saves::{make_pipe, waiting};

/// How long anything may take on a busy machine. Nothing waits for it in vain.
const PATIENCE: Duration = Duration::from_secs(120);

/// A session in a terminal.
struct Session {
    child: Child,
    pty: Pty,
    output: Receiver<Vec<u8>>,
    seen: String,
}

impl Session {
    fn start(sample: &Sample, arguments: &[&str]) -> Session {
        Session::start_program(sample, env!("CARGO_BIN_EXE_learn"), arguments)
    }

    fn start_program(sample: &Sample, program: &str, arguments: &[&str]) -> Session {
        let (pty, pts) = open().expect("there are pseudo-terminals");
        pty.resize(pty_process::Size::new(50, 110)).unwrap();
        let child = Command::new(program)
            .args(arguments)
            .current_dir(sample.path(""))
            .env("LEARN_TARGET", target())
            .env("TERM", "xterm")
            .env_remove("NO_COLOR")
            .env_remove("VISUAL")
            .env("EDITOR", "true")
            .spawn(pts)
            .expect("the program starts");
        let (sender, output) = mpsc::channel();
        let mut reader = std::fs::File::from(rustix_dup(&pty));
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
            seen: String::new(),
        }
    }

    /// Waits until the terminal shows this text, and forgets everything up to its end.
    fn expect(&mut self, text: &str) {
        let begun = Instant::now();
        loop {
            if let Some(at) = self.seen.find(text) {
                self.seen.drain(..at + text.len());
                return;
            }
            match self
                .output
                .recv_timeout(PATIENCE.saturating_sub(begun.elapsed()))
            {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(error) => panic!("`{text}` never came ({error}): {}", self.seen),
            }
        }
    }

    fn press(&mut self, keys: &str) {
        self.pty.write_all(keys.as_bytes()).unwrap();
    }

    fn end(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

/// A second handle on the terminal, to read from while the first one writes.
fn rustix_dup(pty: &Pty) -> std::os::fd::OwnedFd {
    use std::os::fd::AsFd as _;
    pty.as_fd().try_clone_to_owned().unwrap()
}

#[test]
fn from_the_first_failure_to_the_next_exercise() {
    let sample = Sample::new();
    let mut session = Session::start(&sample, &[]);
    session.expect("Not started yet. That is as it should be");
    session.expect("watching");
    sample.write(DOUBLE, FORGOT);
    session.expect("forgot-to-double");
    session.expect("x explain");
    session.press("x");
    session.expect("Nothing was added.");
    session.press("h");
    session.expect("hint 1 of 3");
    session.press("n");
    session.expect("not solved yet");
    sample.write(DOUBLE, RIGHT);
    session.expect("1 of 3 solved");
    session.expect("n next: 1.2 guess-order");
    // It is recorded by now, and not when somebody leaves.
    assert!(
        sample
            .read(".learn/progress")
            .contains("solved first/double")
    );
    session.press("n");
    session.expect("exercises/01-first/src/guess_order.rs");
    session.press("q");
    assert!(session.end().success());
}

#[test]
fn an_untouched_hunt_shows_its_run_and_a_touched_one_its_mistake() {
    let sample = hunt("number");
    let mut session = Session::start(&sample, &[]);
    session.expect("is plausible");
    session.expect("2 becomes 2");
    session.expect("Read first");
    session.expect("h hint (1 of 3)");
    session.press("x");
    session.expect("names no mistake");
    sample.write(DOUBLE, FORGOT);
    session.expect("forgot-to-double");
    session.press("q");
    assert!(session.end().success());
}

#[test]
fn an_editor_that_replaces_the_file_is_noticed() {
    let sample = Sample::new();
    let mut session = Session::start(&sample, &[]);
    session.expect("Not started yet");
    sample.write("exercises/01-first/src/.double.rs.swp", FORGOT);
    fs::remove_file(sample.path(DOUBLE)).unwrap();
    fs::rename(
        sample.path("exercises/01-first/src/.double.rs.swp"),
        sample.path(DOUBLE),
    )
    .unwrap();
    session.expect("forgot-to-double");
    session.press("q");
    assert!(session.end().success());
}

#[test]
fn a_save_during_a_run_stops_it_and_is_judged() {
    let sample = Sample::new();
    let pipe = make_pipe(&sample);
    let mut session = Session::start(&sample, &["watch", "--poll"]);
    session.expect("Not started yet");
    sample.write(DOUBLE, &waiting(&pipe));
    let mut writer = OpenOptions::new().write(true).open(&pipe).unwrap();
    fs::remove_file(&pipe).unwrap();
    sample.write(DOUBLE, FORGOT);
    session.expect("forgot-to-double");
    assert!(writer.write_all(b"anybody?").is_err());
    session.press("q");
    assert!(session.end().success());
}

#[test]
fn control_c_gives_the_terminal_back() {
    let sample = Sample::new();
    let settings = "stty -a | tr ';' '\\n' | grep -E 'icanon|echo '";
    let script =
        format!("{settings} > before; \"$0\"; echo left $?; {settings} > after; echo done");
    let mut session =
        Session::start_program(&sample, "sh", &["-c", &script, env!("CARGO_BIN_EXE_learn")]);
    session.expect("watching");
    session.press("\u{3}");
    session.expect("\u{1b}[?25h");
    session.expect("left 0");
    session.expect("done");
    assert!(session.end().success());
    assert!(!sample.read("before").is_empty());
    assert_eq!(sample.read("before"), sample.read("after"));
}

#[test]
fn all_keys_are_listed_and_the_answer_takes_two_presses() {
    let sample = Sample::new();
    let mut session = Session::start(&sample, &["watch", "first/double"]);
    session.expect("watching");
    session.press("?");
    session.expect("put this exercise off");
    session.press("s");
    session.expect("Press s again");
    session.press("s");
    session.expect("number + number");
    session.press("l");
    session.expect("Twice as much, again");
    session.press("e");
    session.press("k");
    session.expect("exercises/01-first/src/guess_order.rs");
    session.press("q");
    assert!(session.end().success());
}
