//! The chapter's programs print what the book says they print.

use std::process::Command;

#[test]
fn a_server_that_serves_one_at_a_time_lets_the_second_wait() {
    prints(
        "ch05-1-one-at-a-time",
        env!("CARGO_BIN_EXE_ch05-1-one-at-a-time"),
    );
}

#[test]
fn with_a_thread_for_each_no_client_waits_for_another() {
    prints(
        "ch05-2-a-thread-each",
        env!("CARGO_BIN_EXE_ch05-2-a-thread-each"),
    );
}

#[test]
fn the_kernel_waits_for_several_sockets_and_says_which_is_ready() {
    prints("ch05-3-readiness", env!("CARGO_BIN_EXE_ch05-3-readiness"));
}

// On Windows mio looks again only after an attempt would have blocked.
#[cfg(unix)]
#[test]
fn what_is_left_over_is_not_told_again() {
    prints("ch05-4-edges", env!("CARGO_BIN_EXE_ch05-4-edges"));
}

#[test]
fn two_tasks_share_a_connection() {
    prints("ch05-5-reactor", env!("CARGO_BIN_EXE_ch05-5-reactor"));
}

#[test]
fn a_loud_peer_does_not_keep_a_quiet_one_waiting() {
    let text = output("ch05-6-loud", env!("CARGO_BIN_EXE_ch05-6-loud"));
    let number = |line: &str| line.split(' ').find_map(|word| word.parse::<u32>().ok());
    let numbers: Vec<_> = text.lines().filter_map(number).collect();
    // How early the quiet one's event comes is the system's business; not how late.
    assert!(
        matches!(numbers[..], [before, 1000] if before <= 2 * 32),
        "{text}"
    );
}

#[test]
fn a_half_can_be_closed_and_a_connection_refused() {
    prints("ch05-7-streams", env!("CARGO_BIN_EXE_ch05-7-streams"));
}

#[test]
fn a_session_that_was_not_initialized_takes_the_greeting_for_an_answer() {
    prints("ch05-7-half-made", env!("CARGO_BIN_EXE_ch05-7-half-made"));
}

#[test]
fn a_protocol_is_told_when_to_stop_and_when_to_go_on() {
    prints("ch05-8-callbacks", env!("CARGO_BIN_EXE_ch05-8-callbacks"));
}

#[test]
fn five_servers_say_the_same() {
    prints("ch05-9-five-times", env!("CARGO_BIN_EXE_ch05-9-five-times"));
}

#[test]
fn the_instruments_print_their_figures() {
    let text = output(
        "ch05-measure-threads",
        env!("CARGO_BIN_EXE_ch05-measure-threads"),
    );
    assert_eq!(text.matches(" ns").count(), 2, "{text}");
    let text = output(
        "ch05-measure-blocking",
        env!("CARGO_BIN_EXE_ch05-measure-blocking"),
    );
    assert_eq!(text.matches(" ns a question").count(), 2, "{text}");
}

/// `println!` would panic in each of them.
#[cfg(unix)]
#[test]
fn a_program_whose_output_is_closed_ends_without_a_panic() {
    let one = env!("CARGO_BIN_EXE_ch05-1-one-at-a-time");
    // This one measures for seconds before it prints.
    let but = ["ch05-measure-blocking"];
    closed_output::every_program_ends_quietly(env!("CARGO_MANIFEST_DIR"), one, &but);
}

#[track_caller]
fn prints(name: &str, program: &str) {
    let printed = output(name, program);
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, printed);
    });
}

#[track_caller]
fn output(name: &str, program: &str) -> String {
    // An instrument takes a number: of questions, of threads.
    let run = Command::new(program).arg("50").output().unwrap();
    assert!(
        run.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
    String::from_utf8(run.stdout).unwrap()
}
