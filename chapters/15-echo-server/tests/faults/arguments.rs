//! Arguments that the server refuses.

use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};

use crate::faults::server::{PROGRAM, until};

/// What the server prints, and how it ends by itself.
#[track_caller]
fn run(arguments: &[&str]) -> Output {
    run_program(PROGRAM, arguments)
}

#[track_caller]
fn run_program(program: &str, arguments: &[&str]) -> Output {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut guard = Guard(Some(child.expect("the program starts")));
    until(|| match &mut guard.0 {
        Some(child) => child.try_wait().unwrap().is_some(),
        None => unreachable!("it is taken at the end"),
    });
    let child = guard.0.take().unwrap();
    child.wait_with_output().unwrap()
}

/// Ends what does not end by itself.
struct Guard(Option<Child>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[track_caller]
fn refuses(arguments: &[&str]) -> String {
    let output = run(arguments);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert_eq!(error.lines().count(), 1, "{arguments:?}: {error}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    error
}

/// Caught: a time that is taken as it comes, and panics.
#[test]
fn wrong_arguments_get_one_sentence_and_status_2() {
    for arguments in [
        &["--listen", "nonsense"][..],
        &["--listen", "127.0.0.1"],
        &["--listen", "127.0.0.1:70000"],
        &["--workers", "0"],
        &["--workers", "-1"],
        &["--workers", "many"],
        &["--workers", "100000"],
        &["--max-connections", "0"],
        &["--max-connections", "-5"],
        &["--idle-timeout", "0"],
        &["--idle-timeout", "-1"],
        &["--idle-timeout", "soon"],
        &["--idle-timeout", "NaN"],
        &["--idle-timeout", "1e300"],
        &["--drain-timeout", "inf"],
        &["--drain-timeout"],
        &["--unknown"],
        &["something"],
    ] {
        refuses(arguments);
    }
}

#[test]
fn a_port_that_is_in_use_gets_one_sentence_and_status_2() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    for workers in ["1", "2"] {
        let error = refuses(&["--listen", &address, "--workers", workers]);
        assert!(error.contains(&address), "{error}");
    }
}

/// Caught: a server that blames the address when the workers have used up the descriptors.
#[cfg(unix)]
#[test]
fn too_many_workers_for_the_descriptors_get_the_true_reason() {
    // 64 descriptors are too few for the listeners; 200 for the reactors of 100 workers.
    for limit in ["64", "200"] {
        let script = format!("ulimit -n {limit}; exec \"$0\" \"$@\"");
        let server = [PROGRAM, "--listen", "127.0.0.1:0", "--workers", "100"];
        let arguments = [&["-c", &script][..], &server].concat();
        let output = run_program("sh", &arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.contains("cannot start 100 workers"), "{error}");
        assert!(
            error.contains("Too many open files") || error.contains("os error"),
            "{error}"
        );
    }
}

/// Caught, with several workers: a listener that shares its port with any process.
#[test]
fn a_second_server_on_the_same_port_is_refused() {
    for workers in ["1", "2"] {
        let first = crate::faults::server::Server::start(&["--workers", workers]);
        refuses(&["--listen", &first.address.to_string(), "--workers", workers]);
    }
}

#[test]
fn an_address_that_is_not_ours_gets_one_sentence_and_status_2() {
    // An address that is for examples in documents.
    refuses(&["--listen", "192.0.2.1:0", "--workers", "2"]);
}

#[test]
fn help_names_every_option_and_says_how_workers_share_clients() {
    let output = run(&["--help"]);
    assert!(output.status.success() && output.stderr.is_empty());
    let help = String::from_utf8(output.stdout).unwrap();
    for word in [
        "--listen",
        "--workers",
        "--max-connections",
        "--idle-timeout",
        "--drain-timeout",
        "SIGTERM",
        "macOS",
    ] {
        assert!(help.contains(word), "{word}");
    }
    assert!(!help.contains("crash"), "what is for tests is not shown");
}
