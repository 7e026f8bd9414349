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

#[cfg(target_os = "linux")]
programs! {
    a_program_that_warns_much_does_not_end: "ch10-6-warnings",
    the_lines_of_two_streams_come_as_they_are_written: "ch10-6-two-streams",
    the_end_of_a_program_is_not_the_end_of_its_output: "ch10-6-two-ends",
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
