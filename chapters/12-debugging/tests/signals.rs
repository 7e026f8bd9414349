//! A real program, a real signal.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

/// What the program prints of its tasks when it is sent SIGUSR1.
fn dump_of(arguments: &[&str]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ch12-1-on-a-signal"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut ready)
        .unwrap();
    let id = ready.trim().strip_prefix("ready: ").unwrap();
    let signalled = Command::new("kill").args(["-USR1", id]).status().unwrap();
    assert!(signalled.success());
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut heading = String::new();
    errors.read_line(&mut heading).unwrap();
    let mut dump = heading.clone();
    // The dump is one write; its last line is about the task that was spawned last.
    let last = heading.split(' ').next().unwrap();
    while !dump.contains(&format!("task {last} main")) {
        errors.read_line(&mut dump).unwrap();
    }
    errors.read_line(&mut dump).unwrap();
    end(child, errors);
    dump
}

fn end(mut child: Child, mut errors: impl Read) {
    child.kill().unwrap();
    child.wait().unwrap();
    let _ = errors.read_to_string(&mut String::new());
}

#[test]
fn the_signal_prints_a_socket_with_its_descriptor_and_its_direction() {
    let dump = dump_of(&[]);
    assert!(dump.starts_with("3 tasks\n"), "{dump}");
    let read = dump
        .lines()
        .find(|line| line.contains("Read  waits for TcpStream"));
    let read = read.unwrap_or_else(|| panic!("{dump}"));
    assert!(
        read.contains("fd: ") && read.ends_with("to be readable"),
        "{dump}"
    );
}

#[test]
fn the_signal_names_the_task_that_keeps_the_thread() {
    let dump = dump_of(&["busy"]);
    assert!(dump.starts_with("4 tasks\n"), "{dump}");
    let busy = dump.lines().position(|line| line.starts_with("task 4 "));
    let below = dump.lines().nth(busy.unwrap() + 1).unwrap();
    assert!(
        below.contains("is being polled, and that poll has not returned"),
        "{dump}"
    );
}
