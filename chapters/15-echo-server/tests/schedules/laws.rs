//! What must hold of a connection that has ended.

use std::time::Duration;

use echo_server::End;
use event_loop::Time;

use crate::schedules::socket::{PeerEnd, Socket};

/// Which laws the connection has broken.
pub(crate) fn broken(
    socket: &Socket,
    end: End,
    begun: Time,
    now: Time,
    idle: Duration,
) -> Vec<String> {
    let mut broken = socket.broken.clone();
    let mut law = |kept: bool, sentence: &str| {
        if !kept {
            broken.push(format!("connection {}: {sentence}", socket.number));
        }
    };
    law(
        socket.sent.starts_with(&socket.received),
        "what came back is not what was sent",
    );
    match end {
        End::Completed => {
            law(socket.closed, "it ended, and was not closed");
            law(
                !socket.close_failed,
                "its close failed, and it says that it completed",
            );
            law(
                socket.received.len() == socket.taken,
                "something that was read did not come back before the close",
            );
            let by_then = socket.at_drain.map_or(usize::MAX, |(_, count)| count);
            law(
                socket.saw_end || socket.taken >= by_then,
                "it ended before everything was read that had come",
            );
        }
        End::Reset => law(
            socket.peer == PeerEnd::Reset || socket.close_failed,
            "it says that it was broken off, and was not",
        ),
        End::TimedOut => {
            let due = socket.active.unwrap_or(begun).max(begun) + idle;
            law(
                now >= due,
                "it was closed early, though something had happened",
            );
            law(now <= due, "it was closed late");
            law(
                socket.in_hand() > 0 || socket.at_drain.is_none_or(|(when, _)| when >= now),
                "it was told to finish, had nothing left to do, and did not",
            );
        }
    }
    broken
}
