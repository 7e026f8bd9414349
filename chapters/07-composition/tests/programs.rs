//! The chapter's programs print what the book says they print.

use std::process::Command;

/// One test for each program.
macro_rules! programs {
    ($($promise:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $promise() {
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
    a_join_with_one_waker_polls_all_children_at_each_wake: "ch07-1-all-of-them",
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
