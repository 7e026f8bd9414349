//! 8.7 channel: back-pressure, and the end of a channel.

#[path = "channel/calls.rs"]
mod calls;
#[path = "channel/end.rs"]
mod end;
#[path = "channel/line.rs"]
mod line;
#[path = "channel/machine.rs"]
mod machine;
#[path = "channel/moves.rs"]
mod moves;
#[path = "channel/world.rs"]
mod world;

use super::subject::{TryRecvError, channel};
use probe::{run, snapshot};
use world::{permit, ready, sent, takes, task, try_recv, waits, watched, woken};

#[test]
fn values_are_received_in_the_order_in_which_they_were_sent() {
    let run = run!("in_order");
    let (sender, mut receiver) = channel(2);
    sent(&run, &sender, 1);
    sent(&run, &sender, 2);
    takes(&run, &mut receiver, 1);
    takes(&run, &mut receiver, 2);
    if try_recv(&run, &mut receiver) != Err(TryRecvError::Empty) {
        run.departs("Both values were received, and a sender is there: the channel is empty.");
    }
    snapshot!(run);
}

#[test]
fn a_value_wakes_the_task_that_polled_the_receiver_last() {
    let run = run!("two_tasks");
    let (sender, mut receiver) = channel(1);
    let [a, b] = ["A", "B"].map(|name| task(&run, name));
    let mut recv = watched(&run, "recv", receiver.recv());
    if a.poll(recv.as_mut()).is_ready() || b.poll(recv.as_mut()).is_ready() {
        run.diagnose(
            "ready-too-early",
            "The channel is empty, and `recv` was ready.",
        );
    }
    if a.wakes() + b.wakes() > 0 {
        run.diagnose(
            "busy-poll",
            "The channel is empty, and `recv` woke its own task.",
        );
    }
    sent(&run, &sender, 1);
    if b.wakes() == 0 && a.wakes() > 0 {
        run.recorder().lacks("B", "is not woken");
        run.diagnose(
            "first-waker-only",
            "B polled `recv` last, and a value woke A.",
        );
    }
    woken(&run, &b, "A value was sent");
    ready(&run, &b, &mut recv, Some(1));
    snapshot!(run);
}

#[test]
fn a_sender_waits_while_no_slot_is_free() {
    snapshot!(line::one_waits(run!("full")));
}

#[test]
fn a_free_slot_goes_to_the_sender_that_has_waited_longest() {
    snapshot!(line::in_line(run!("in_line")));
}

#[test]
fn try_send_takes_no_slot_from_a_sender_in_line() {
    snapshot!(line::overtaken(run!("try_send")));
}

#[test]
fn a_sender_that_is_cancelled_with_a_slot_passes_it_on() {
    snapshot!(line::cancelled_with_a_slot(run!("passed_on")));
}

#[test]
fn a_sender_that_is_cancelled_in_line_leaves_the_line() {
    snapshot!(line::cancelled_in_line(run!("left_the_line")));
}

#[test]
fn when_a_sender_in_line_is_cancelled_the_others_keep_their_order() {
    line::one_of_four_is_cancelled();
}

#[test]
fn a_permit_takes_a_slot_until_it_is_used_or_dropped() {
    snapshot!(line::permits(run!("permit")));
}

#[test]
fn a_slot_is_handed_over_while_a_permit_has_another() {
    let run = run!("beside_a_permit");
    let (sender, mut receiver) = channel(2);
    let other = permit(&run, &sender);
    sent(&run, &sender, 1);
    let a = task(&run, "A");
    let mut send = watched(&run, "send(2)", sender.send(2));
    waits(&run, &a, &mut send);
    takes(&run, &mut receiver, 1);
    woken(
        &run,
        &a,
        "A permit has one of two slots, A waits for the other, and it became free",
    );
    ready(&run, &a, &mut send, Ok(()));
    drop(other);
    snapshot!(run);
}

#[test]
fn a_cancelled_recv_loses_no_value_and_keeps_no_waker() {
    let run = run!("recv_dropped");
    let (sender, mut receiver) = channel(1);
    let a = task(&run, "A");
    let mut recv = watched(&run, "recv", receiver.recv());
    let _pending = a.poll(recv.as_mut());
    sent(&run, &sender, 1);
    run.recorder().says("recv", "is dropped");
    drop(recv);
    takes(&run, &mut receiver, 1);
    let mut recv = watched(&run, "recv", receiver.recv());
    let _pending = a.poll(recv.as_mut());
    run.recorder().says("recv", "is dropped");
    drop(recv);
    if a.counts().alive > 0 {
        run.diagnose(
            "waker-kept",
            "`recv` was dropped, and the channel still has A's waker.",
        );
    }
    snapshot!(run);
}

#[test]
fn after_the_last_sender_the_receiver_gets_what_was_sent() {
    snapshot!(end::last_sender(run!("last_sender")));
}

#[test]
fn dropping_the_last_sender_wakes_the_receiver() {
    let run = run!("woken_by_the_end");
    let (sender, mut receiver) = channel::<u32>(1);
    let a = task(&run, "A");
    let mut recv = watched(&run, "recv", receiver.recv());
    let _pending = a.poll(recv.as_mut());
    run.recorder().says("sender", "is dropped");
    drop(sender);
    if a.wakes() == 0 {
        run.recorder().lacks("A", "is not woken");
        run.diagnose(
            "closed-without-a-wake",
            "The last sender was dropped, and A, which waits in `recv`, was not woken.",
        );
    }
    ready(&run, &a, &mut recv, None);
    snapshot!(run);
}

#[test]
fn close_gives_the_values_of_senders_in_line_back() {
    snapshot!(end::close_with_a_line(run!("closed")));
}

#[test]
fn a_permit_still_sends_after_close() {
    snapshot!(end::close_with_permits(run!("permits_at_the_close")));
}

#[test]
fn a_dropped_receiver_returns_every_value_that_is_not_received() {
    end::receiver_dropped(&run!());
}

#[test]
fn a_sender_that_is_cancelled_with_a_slot_after_the_close_ends_the_channel() {
    end::cancelled_after_the_close(&run!());
}

#[test]
fn a_woken_task_may_use_the_channel_inside_wake() {
    calls::inside_of_a_wake(&run!());
}

#[test]
fn wakers_and_values_are_dropped_while_nothing_is_borrowed() {
    calls::inside_of_a_drop(&run!());
}

#[test]
fn a_channel_of_any_size_works() {
    calls::any_size(&run!());
}

#[test]
fn memory_is_in_use_for_the_values_and_not_for_the_slots() {
    calls::many_slots_are_free(&run!());
}

#[test]
fn what_comes_and_goes_leaves_no_memory_in_use() {
    calls::nothing_is_kept();
}

#[test]
fn receiving_a_value_takes_no_longer_the_more_values_are_behind_it() {
    calls::many_large_values(&run!());
}

#[test]
fn the_channel_is_open_with_any_number_of_senders() {
    calls::any_number_of_senders(&run!());
}

#[test]
fn reserve_waits_in_the_same_line_and_fails_when_closed() {
    line::reserve(&run!());
}

#[test]
fn every_short_run_is_as_expected() {
    machine::compare(&run!());
}
