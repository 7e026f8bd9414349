//! The chapter's programs print what the book says they print.

use std::process::Command;

/// One test for each program whose output is the same everywhere.
macro_rules! programs {
    ($($test:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $test() {
                let printed = output(env!(concat!("CARGO_BIN_EXE_", $name)));
                insta::with_settings!(
                    { prepend_module_to_snapshot => false, omit_expression => true },
                    { insta::assert_snapshot!($name, printed); }
                );
            }
        )*
    };
}

programs! {
    a_ring_looks_at_timers_that_are_not_due: "ch14-3-ring",
    a_decimal_wheel_moves_its_timers_down: "ch14-3-decimal",
}

fn output(program: &str) -> String {
    let output = Command::new(program).output().expect("the program starts");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it prints text")
}
