//! A stack that is too small, in a process of its own.

use std::process::{Command, Output};

fn program(depth: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ch13-3-overflow"))
        .arg(depth)
        .output()
        .unwrap()
}

#[test]
fn what_fits_returns() {
    let output = program("100");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"Complete(5050)\n");
}

#[test]
fn an_overflow_ends_the_process_with_a_sentence_that_names_the_green_thread_and_its_stacks_size() {
    let output = program("1000000");
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said,
        "\ngreen thread 1, `sum`, has overflowed its stack of 32 KiB; give it a larger one with `with_stack`\n"
    );
}
