//! A process gets signals from another one, and its stream yields them.
#![cfg(all(unix, feature = "world"))]

use std::io::{BufRead, BufReader, Lines};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// A process that has its signals watched, and prints them.
struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    said: Vec<String>,
}

impl Process {
    fn start(mode: &str) -> Process {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ch11-signalled"));
        command.arg(mode);
        Process::run(&mut command)
    }

    fn run(command: &mut Command) -> Process {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut process = Process {
            child,
            lines,
            said: Vec::new(),
        };
        process.until("ready");
        process
    }

    /// Reads lines until this one.
    fn until(&mut self, line: &str) {
        while self.said.last().is_none_or(|last| last != line) {
            let next = self.lines.next().expect("the process has ended").unwrap();
            self.said.push(next);
        }
    }

    fn send(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// What it printed after it was ready, and how it ended.
    fn ends(mut self) -> (Vec<String>, ExitStatus) {
        for line in self.lines.by_ref() {
            self.said.push(line.unwrap());
        }
        let ready = self.said.iter().position(|line| line == "ready").unwrap();
        (self.said.split_off(ready + 1), self.child.wait().unwrap())
    }
}

#[test]
fn each_kind_of_signal_is_yielded() {
    let mut process = Process::start("");
    for (signal, name) in [
        (Signal::HUP, "SIGHUP"),
        (Signal::INT, "SIGINT"),
        (Signal::USR1, "SIGUSR1"),
    ] {
        process.send(signal);
        process.until(name);
    }
    process.send(Signal::TERM);
    let (said, status) = process.ends();
    assert_eq!(said, ["SIGHUP", "SIGINT", "SIGUSR1", "SIGTERM"]);
    assert!(status.success());
}

#[test]
fn a_burst_of_a_hundred_is_at_least_one_and_at_most_a_hundred() {
    let process = Process::start("");
    for _ in 0..100 {
        process.send(Signal::HUP);
    }
    process.send(Signal::TERM);
    let (said, _) = process.ends();
    let (last, hangups) = said.split_last().unwrap();
    assert_eq!(last, "SIGTERM");
    assert!(hangups.iter().all(|line| line == "SIGHUP"), "{said:?}");
    assert!(hangups.len() <= 100, "{said:?}");
}

#[test]
fn whichever_thread_the_handler_interrupts_the_loop_gets_the_signal() {
    for _ in 0..5 {
        let process = Process::start("threads");
        process.send(Signal::TERM);
        assert_eq!(process.ends().0, ["SIGTERM"]);
    }
}

#[test]
fn a_signal_that_is_removed_does_what_it_does_by_default() {
    for mode in ["removed", "dropped"] {
        let process = Process::start(mode);
        process.send(Signal::TERM);
        let (said, status) = process.ends();
        assert_eq!((said, status.signal()), (vec![], Some(15)), "{mode}");
    }
}

#[test]
fn a_signal_comes_although_other_threads_begin_and_stop_to_watch_it() {
    let (said, status) = Process::start("several").ends();
    assert_eq!(said, ["all came"], "{status}");
}

#[test]
fn a_second_signal_ends_a_process_whose_loop_is_stuck() {
    for (second, status) in [(Signal::TERM, 128 + 15), (Signal::INT, 128 + 2)] {
        let mut process = Process::start("ending");
        process.send(Signal::TERM);
        process.until("SIGTERM");
        process.send(second);
        assert_eq!(process.ends().1.code(), Some(status));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_that_the_process_was_started_with_ignored_is_known_and_then_watched() {
    let program = env!("CARGO_BIN_EXE_ch11-signalled");
    // What the test itself was started with, for instance by `nohup`, its children inherit.
    let plain = Process::run(Command::new(program).arg("ignored"));
    let mut expected = plain.said[..5].to_vec();
    plain.send(Signal::TERM);
    assert!(plain.ends().1.success());
    assert!(expected[2].starts_with("SIGHUP: "), "{expected:?}");
    expected[2] = "SIGHUP: ignored: true".to_owned();
    let mut command = Command::new("sh");
    command.args(["-c", &format!("trap '' HUP; exec {program} ignored")]);
    let mut process = Process::run(&mut command);
    assert_eq!(process.said[..5], expected);
    process.send(Signal::HUP);
    process.until("SIGHUP");
    process.send(Signal::TERM);
    assert!(process.ends().1.success());
}
