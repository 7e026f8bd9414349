//! From what a program that returns too late counts the silence.

use std::time::Duration;

use super::super::subject::{End, PATIENCE, PING_AFTER};
use super::world::{Played, Step, play};
use probe::run;
use simnet::Kernel;

/// From what the code under test counts the silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// From the last write.
    Writes,
    /// From the last byte, and only while no write waits.
    WhileNotWriting,
    /// It does not count.
    Nothing,
    /// Something else.
    Other,
}

/// Tries the code in two more worlds: a power cut in silence, and a subscriber that no longer reads.
pub(super) fn what_counts() -> Counts {
    let quiet = play(&run!(), 1, Kernel::default(), &[(1_000, Step::PowerCut)]);
    let small = Kernel {
        send_buffer: 100,
        receive_buffer: 100,
        ..Kernel::default()
    };
    // Twenty updates of 10 bytes fill both buffers.
    let updates = (0..40).map(|number| (2_000 + 200 * number, Step::Update(10)));
    let script: Vec<(u64, Step)> = std::iter::once((1_000, Step::Stalls))
        .chain(updates)
        .collect();
    let full = play(&run!(), 1, small, &script);
    let is_gone =
        |played: &Played, from: Duration| played.end == Some((End::Gone, from + PATIENCE));
    let wrote = full.seen.wrote.get().unwrap_or_default();
    // A write that waits for room may count as well.
    let blocked = full.seen.blocked_since.get().unwrap_or(wrote);
    match (quiet.end, full.end) {
        (_, Some(_)) if is_gone(&full, wrote) || is_gone(&full, blocked) => Counts::Writes,
        (Some(_), None) if is_gone(&quiet, quiet.seen.started) => Counts::WhileNotWriting,
        (None, None) => Counts::Nothing,
        _ => Counts::Other,
    }
}

/// Whether one byte, `!`, counts as it should for the pings and for the patience. If it does, and bytes of another run did not, then the
/// code under test looks at what arrives.
pub(super) fn hears_a_byte() -> bool {
    let script = [(4_000, Step::Speaks), (5_000, Step::PowerCut)];
    let played = play(&run!(), 1, Kernel::default(), &script);
    let heard = played.seen.heard.get();
    let pings = [heard + PING_AFTER, heard + 2 * PING_AFTER];
    played.end == Some((End::Gone, heard + PATIENCE)) && *played.seen.pings.borrow() == pings
}
