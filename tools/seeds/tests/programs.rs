//! The program of a page prints what the page shows.

use std::process::Command;

#[test]
fn a_thousand_clients_share_one_thread_with_their_server() {
    let run = Command::new(env!("CARGO_BIN_EXE_ch12-6-thousand-clients"))
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("ch12-6-thousand-clients", String::from_utf8(run.stdout).unwrap()); }
    );
}
