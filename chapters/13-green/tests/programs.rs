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
    a_walk_on_a_stack_of_its_own_is_resumed_once_for_each_value: "ch13-1-a-tree",
    tasks_send_and_receive_in_plain_functions: "ch13-2-mailboxes",
    three_plain_functions_wait_at_the_same_time: "ch13-4-three-waits",
    a_cache_that_stays_borrowed_in_a_wait_panics_in_the_other_thread: "ch13-6-under-a-lock",
    one_function_serves_on_a_thread_and_on_a_green_thread: "ch13-5-same-function",
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
