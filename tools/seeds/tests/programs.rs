//! The programs of a page print what the page shows.

use std::process::Command;

#[test]
fn a_thousand_clients_share_one_thread_with_their_server() {
    assert_output(
        "ch12-6-thousand-clients",
        env!("CARGO_BIN_EXE_ch12-6-thousand-clients"),
    );
}

#[test]
fn a_client_that_only_reads_never_learns_of_a_power_cut() {
    assert_output("ch12-6-power-cut", env!("CARGO_BIN_EXE_ch12-6-power-cut"));
}

#[track_caller]
fn assert_output(name: &str, program: &str) {
    let run = Command::new(program).output().unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!(name, String::from_utf8(run.stdout).unwrap()); }
    );
}
