//! What has to happen, second by second.

use super::socket::{End, Happened, Returned, Script};

/// Everything that happens before `until`.
pub(super) fn log(script: &Script, every: u64, until: u64) -> Vec<(u64, Happened)> {
    let mut log = Vec::new();
    let (mut heard, mut waits, mut due, mut last_ping) = (true, false, every, 0);
    let mut pongs = Vec::new();
    for now in 0..until {
        if script.texts.contains(&now) {
            heard = true;
            log.push((now, Happened::Text(now)));
        }
        heard |= pongs.contains(&now) || script.pings.contains(&now);
        let hung_up = script
            .hangs_up
            .is_some_and(|patience| now >= last_ping + patience);
        let end = script.end.filter(|(at, _)| *at == now).map(|(_, end)| end);
        let refuses = script.refuses.is_some_and(|from| now >= from);
        match end {
            _ if hung_up => return finish(log, now, Returned::Lost),
            Some(End::Closes) => {
                let room = (now..now + every).find(|second| script.has_room(*second));
                let at = if refuses {
                    now
                } else {
                    room.unwrap_or(now + every)
                };
                if room.is_some() && !refuses {
                    log.push((at, Happened::SinkClosed));
                }
                return finish(log, at, Returned::Closed);
            }
            Some(End::Vanishes | End::Fails) => return finish(log, now, Returned::Lost),
            None => {}
        }
        if !waits && now == due {
            if !heard {
                return finish(log, now, Returned::Silent);
            }
            (heard, waits) = (false, true);
        }
        if waits && refuses {
            return finish(log, now, Returned::Lost);
        }
        if waits && script.has_room(now) {
            log.push((now, Happened::Ping));
            (waits, due, last_ping) = (false, now + every, now);
            if script.answers {
                pongs.push(now + 1);
            }
        }
    }
    log
}

fn finish(mut log: Vec<(u64, Happened)>, now: u64, returned: Returned) -> Vec<(u64, Happened)> {
    log.push((now, Happened::Returned(returned)));
    log
}
