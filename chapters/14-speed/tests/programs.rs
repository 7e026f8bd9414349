//! The chapter's programs print what the book says they print, where that is the same everywhere.

probe::programs! {
    a_ring_looks_at_timers_that_are_not_due: "ch14-3-ring",
    a_decimal_wheel_moves_its_timers_down: "ch14-3-decimal",
}
