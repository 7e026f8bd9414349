//! The chapter's programs print what the book says they print, where that is the same everywhere.

probe::programs! {
    a_ring_looks_at_timers_that_are_not_due: "ch14-3-ring",
    a_decimal_wheel_moves_its_timers_down: "ch14-3-decimal",
}

#[test]
#[cfg(all(target_os = "linux", feature = "uring"))]
fn fifty_reads_are_one_entry_into_the_kernel() {
    let program = env!("CARGO_BIN_EXE_ch14-4-fifty");
    let output = std::process::Command::new(program)
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).expect("it prints text");
    if printed.ends_with("so the loop sleeps in epoll\n") {
        return println!("{printed}");
    }
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("ch14-4-fifty", printed); }
    );
}
