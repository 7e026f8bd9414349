//! The chapter's programs print what the book says they print.

use std::process::Command;

/// One test for each program whose output is the same everywhere.
macro_rules! programs {
    ($($sentence:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $sentence() {
                let printed = output($name, env!(concat!("CARGO_BIN_EXE_", $name)));
                insta::with_settings!(
                    { prepend_module_to_snapshot => false, omit_expression => true },
                    { insta::assert_snapshot!($name, printed); }
                );
            }
        )*
    };
}

programs! {
    a_dump_shows_two_tasks_that_wait_for_each_others_lock: "ch12-1-it-hangs",
    debug_mode_reports_six_faults_and_the_compiler_the_seventh: "ch12-2-debug-mode",
}

#[track_caller]
fn output(name: &str, program: &str) -> String {
    let run = Command::new(program).output().unwrap();
    assert!(
        run.status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
    String::from_utf8(run.stdout).unwrap()
}
