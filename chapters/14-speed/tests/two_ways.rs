//! The program that shares out jobs in two ways prints what the book says it prints.

use std::process::Command;

#[test]
fn a_worker_that_steals_is_idle_last_of_all() {
    let run = Command::new(env!("CARGO_BIN_EXE_ch14-5-two-ways"))
        .output()
        .unwrap();
    assert!(run.status.success());
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("ch14-5-two-ways", String::from_utf8(run.stdout).unwrap()); }
    );
}
