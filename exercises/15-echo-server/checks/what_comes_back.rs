//! 15.1 what-comes-back: what five clients receive, and how their connections end.

use std::cell::RefCell;
use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use super::subject::prediction;
use cancellation::Source;
use echo_server::figures::Tally;
use echo_server::{End, Limits, connection};
use event_loop::{Time, Timer};
use probe::predict::{self, Misconception, Wording};
use probe::{Run, run, snapshot};
use probe_futures::Sim;
use probe_io::{Peer, stream};
use probe_loop::Clock;
use state_machines::{Winner, race};

const RIGHT: [&str; 5] = [
    "ann gets one, completed at 1",
    "bob gets two, timed out at 21",
    "cid gets nothing, timed out at 21",
    "dan gets four, completed at 30",
    "eve gets five six, completed at 30",
];

/// One wrong line, and the belief behind it.
struct Belief {
    mistake: &'static str,
    line: usize,
    predicted: &'static [&'static str],
    sentence: &'static str,
}

const BELIEFS: [Belief; 6] = [
    Belief {
        mistake: "half-closed-taken-for-closed",
        line: 0,
        predicted: &[
            "ann gets nothing, completed at 1",
            "ann gets nothing, reset at 1",
        ],
        sentence: "By this line the server closes when it sees ann's end. The end says that ann sends no more. She still reads, and the bytes before it \
                   come back.",
    },
    Belief {
        mistake: "end-waits-for-the-timeout",
        line: 0,
        predicted: &[
            "ann gets one, timed out at 20",
            "ann gets one, timed out at 21",
            "ann gets one, completed at 30",
        ],
        sentence: "By this line ann's connection stays open after her end. When every byte has come back, the server closes it.",
    },
    Belief {
        mistake: "measured-from-the-start",
        line: 1,
        predicted: &["bob gets two, timed out at 20"],
        sentence: "By this line bob's 20 seconds count from the time at which he connected. They count from the last byte, which was at 1.",
    },
    Belief {
        mistake: "sending-is-being-served",
        line: 2,
        predicted: &[
            "cid gets nothing, completed at 30",
            "cid gets nothing, reset at 30",
            "cid gets nothing, reset at 1",
        ],
        sentence: "By this line the server goes on reading while cid reads nothing, or resets the connection. It reads what its buffer holds, cannot send \
                   it, and reads no more. From then on the connection is idle.",
    },
    Belief {
        mistake: "drain-waits-for-the-idle",
        line: 3,
        predicted: &["dan gets four, timed out at 35"],
        sentence: "By this line the server waits until dan has been silent for 20 seconds. It is told to finish before that, and every byte of dan has come \
                   back: it closes.",
    },
    Belief {
        mistake: "dropped-in-flight",
        line: 4,
        predicted: &[
            "eve gets five, completed at 30",
            "eve gets five, reset at 30",
        ],
        sentence: "By this line the server closes with eve's last word unread. The word arrived before the order, so it comes back.",
    },
];

/// The same line in the run's words. A time may have its unit, and two words may be written as one, as they are in the stream.
fn in_the_runs_words(line: &str) -> String {
    let line = line.trim().trim_end_matches('.');
    let without_unit = ["seconds", "second", "sec", "s"]
        .into_iter()
        .find_map(|unit| line.strip_suffix(unit))
        .map(str::trim_end)
        .filter(|rest| rest.ends_with(|last: char| last.is_ascii_digit()))
        .unwrap_or(line);
    without_unit
        .replace("fivesix", "five six")
        .replace("five, six", "five six")
        .replace("five + six", "five six")
        .replace("five and six", "five six")
        .replace("five\" and \"six", "five six")
        .replace("five' and 'six", "five six")
}

#[test]
fn the_prediction_is_what_the_server_does() {
    let predicted = predict::steady(&run!(), prediction).map(in_the_runs_words);
    let predicted = predicted.each_ref().map(String::as_str);
    predict::written_as(
        &run!(),
        &predicted,
        Wording {
            forms: &[
                "… gets … completed at …",
                "… gets … timed out at …",
                "… gets … reset at …",
            ],
            guide: "a line reads `ann gets one, completed at 1`, or `timed out at`, or `reset at` in its place",
        },
    );
    let one_line_wrong: Vec<(&Belief, [&str; 5])> = BELIEFS
        .iter()
        .flat_map(|belief| belief.predicted.iter().map(move |line| (belief, *line)))
        .map(|(belief, line)| {
            let mut lines = predicted;
            lines[belief.line] = line;
            (belief, lines)
        })
        .collect();
    let lines: Vec<[&[&str]; 1]> = one_line_wrong
        .iter()
        .map(|(_, lines)| [&lines[..]])
        .collect();
    let known: Vec<Misconception<'_>> = one_line_wrong
        .iter()
        .zip(&lines)
        // A prediction with several wrong lines is told of the first.
        .filter(|((belief, _), _)| predicted[..belief.line] == RIGHT[..belief.line])
        .map(|((belief, _), lines)| Misconception {
            mistake: belief.mistake,
            predictions: lines,
            sentence: belief.sentence,
        })
        .collect();
    predict::compare(&run!(), &predicted, &RIGHT, &known);
    let run = run!("five_clients");
    for line in [
        client("ann", |at, peer| {
            at(1, peer, Says::WithTheEnd(b"one"));
        }),
        client("bob", |at, peer| at(1, peer, Says::Bytes(b"two"))),
        client("cid", |at, peer| {
            peer.stops_taking();
            at(1, peer, Says::WithoutEnd);
        }),
        client("dan", |at, peer| at(15, peer, Says::Bytes(b"four"))),
        client("eve", |at, peer| {
            at(15, peer, Says::Bytes(b"five "));
            at(30, peer, Says::Bytes(b"six"));
        }),
    ] {
        let (name, line) = line.split_once(' ').expect("a name, and what was seen");
        run.recorder().says(name, line);
    }
    snapshot!(run);
}

enum Says {
    Bytes(&'static [u8]),
    WithTheEnd(&'static [u8]),
    WithoutEnd,
}

type At<'a> = &'a dyn Fn(u64, &Peer, Says);

/// What one client sees. Each has a world of its own.
fn client(name: &str, script: impl FnOnce(At<'_>, &Peer)) -> String {
    let run: Run = run!();
    let sim = Sim::new(&run);
    let clock = Clock::new(&run, &sim);
    let (mut stream, peer) = stream(&run, &sim);
    let at = |second, peer: &Peer, says: Says| {
        let peer = peer.clone();
        // What a peer sends arrives a millisecond later.
        sim.at(
            Duration::from_secs(second) - Duration::from_millis(1),
            move || match says {
                Says::Bytes(bytes) => peer.sends(bytes),
                Says::WithTheEnd(bytes) => peer.sends_with_the_end(bytes),
                Says::WithoutEnd => peer.sends_without_end(),
            },
        );
    };
    script(&at, &peer);
    let (drain, tally) = (Source::new(), Tally::default());
    let buffer = RefCell::new(vec![0; 4096].into_boxed_slice());
    let limits = Limits {
        timer: &clock,
        idle_timeout: Duration::from_secs(20),
        drain: &drain.token(),
        buffer: &buffer,
        tally: &tally,
    };
    let both = race(order(&clock, &drain), connection(&mut stream, limits));
    let Ok(Winner::Second(end)) = sim.run_unrecorded(pin!(both)) else {
        run.departs("The connection does not end.");
    };
    let received = String::from_utf8_lossy(&peer.received()).into_owned();
    let gets = match received.trim() {
        "" => "nothing",
        text => text,
    };
    let end = match end {
        End::Completed => "completed",
        End::TimedOut => "timed out",
        End::Reset => "reset",
    };
    format!("{name} gets {gets}, {end} at {}", sim.now().as_secs())
}

/// Gives the order to finish at 30 s, after everything else that happens at that moment. Never completes.
async fn order(clock: &Clock, drain: &Source) {
    for millis in [29_999, 30_000] {
        let when = Time::after_start(Duration::from_micros(millis * 1_000 + 500));
        let when = when.min(Time::after_start(Duration::from_secs(30)));
        clock.sleep_until(when).await;
    }
    drain.cancel();
    pending::<()>().await;
}
