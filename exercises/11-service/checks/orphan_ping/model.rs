//! What has to happen with these connections: added up, without a clock.

use std::time::Duration;

use super::world::{Happened, Ping, Script};
use probe::Recorder;

/// What happens before `until`, each with its second, in order.
pub(super) fn log(scripts: &[Script], until: u64) -> Vec<(u64, Happened)> {
    let (mut log, mut since) = (Vec::new(), 0);
    for (number, script) in scripts.iter().enumerate() {
        log.push((since, Happened::Connects(number)));
        let (pings, failed) = pings(script.ping, until);
        let end = script.lost.into_iter().chain(failed).min();
        let stands =
            |seconds: &u64| end.is_none_or(|end| *seconds < end || failed == Some(*seconds));
        for at in pings.into_iter().filter(stands) {
            log.push((since + at, Happened::Ping(number)));
        }
        for (place, at) in script.messages.iter().enumerate() {
            if end.is_none_or(|end| *at < end) {
                let message = u32::try_from(100 * (number + 1) + place + 1).expect("it is small");
                log.push((since + at, Happened::Message(message)));
            }
        }
        let Some(end) = end else { break };
        since += end;
    }
    log.retain(|(at, _)| *at < until);
    log.sort_unstable();
    log
}

/// When there are pings on a connection that is never lost by itself, and which of them ends it.
fn pings(ping: Ping, until: u64) -> (Vec<u64>, Option<u64>) {
    let (mut pings, mut at) = (Vec::new(), 30);
    while at < until {
        pings.push(at);
        match ping {
            Ping::Takes(seconds) => at += seconds + 30,
            Ping::Fails(sent) if pings.len() > sent => return (pings, Some(at)),
            Ping::Fails(_) => at += 30,
            Ping::Hangs => break,
        }
    }
    (pings, None)
}

/// The log as a run.
pub(super) fn recorded(log: &[(u64, Happened)]) -> Recorder {
    let recorder = Recorder::default();
    for (at, happened) in log {
        recorder.set_time(Duration::from_secs(*at));
        match happened {
            Happened::Connects(number) => {
                recorder.says("consumer", format!("makes connection {}", number + 1))
            }
            Happened::Message(message) => recorder.says("consumer", format!("message {message}")),
            Happened::Ping(number) => recorder.says(&format!("connection {}", number + 1), "ping"),
        }
    }
    recorder
}
