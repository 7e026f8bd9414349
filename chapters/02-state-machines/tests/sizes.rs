//! Bounds for the sizes of machines that hold with each compiler.

use state_machines::sizes::{both_made_first, in_a_block, in_turn, used_after, with_a_buffer};

const BYTES: usize = 1_000;

#[test]
fn what_is_used_after_a_pause_is_part_of_the_machine() {
    assert!(size_of_val(&used_after::<BYTES>()) >= BYTES);
}

#[test]
fn what_is_gone_before_a_pause_is_not() {
    assert!(size_of_val(&in_a_block::<BYTES>()) < BYTES);
    let [used_after, _, in_a_block] = with_a_buffer();
    assert!(in_a_block < used_after);
}

#[test]
fn children_that_are_alive_together_need_room_together() {
    let child = size_of_val(&used_after::<BYTES>());
    assert!(size_of_val(&both_made_first::<BYTES>()) >= 2 * child);
}

#[test]
fn children_that_come_one_after_the_other_share_their_room() {
    let child = size_of_val(&used_after::<BYTES>());
    assert!(size_of_val(&in_turn::<BYTES>()) < 2 * child);
}
