//! 10.10 tail: several programs in one window.

#[path = "tail/expected.rs"]
mod expected;
#[path = "../../../solutions/10-streams/src/tail.rs"]
#[allow(unreachable_pub, clippy::duplicate_mod)]
mod reference;
#[path = "tail/sources.rs"]
mod sources;
#[path = "tail/verdicts.rs"]
mod verdicts;
#[path = "tail/world.rs"]
mod world;

use probe::random::Random;
use probe::{Run, run, snapshot};
use sources::Does::{self, Breaks, Ends, Sends};
use world::{Polled, Tail};

/// Two sources; each of these happens, and then the stream is polled until it is pending.
#[track_caller]
fn happens(run: &Run, what: &[(usize, Does)]) -> Tail {
    let mut tail = Tail::of(run, &["web", "db"]);
    for (source, does) in what {
        tail.does(*source, *does);
        tail.polls();
    }
    tail
}

#[test]
fn lines_of_two_sources_come_as_they_are_sent() {
    let run = run!("two_sources");
    let lines = [
        (0, Sends(b"one\n")),
        (1, Sends(b"two\n")),
        (0, Sends(b"three\n")),
        (0, Ends),
        (1, Ends),
    ];
    happens(&run, &lines);
    snapshot!(run);
}

#[test]
fn a_line_in_pieces_stays_whole_while_another_source_sends() {
    let run = run!("in_pieces");
    let pieces = [
        (0, Sends(b"GET")),
        (1, Sends(b"sel")),
        (0, Sends(b" /\nPO")),
        (1, Sends(b"ect\n")),
        (0, Sends(b"ST\n")),
    ];
    happens(&run, &pieces);
    snapshot!(run);
}

#[test]
fn a_silent_source_holds_up_no_other() {
    for (silent, other) in [(0, 1), (1, 0)] {
        happens(
            &run!(),
            &[
                (other, Sends(b"one\n")),
                (other, Sends(b"two\n")),
                (silent, Sends(b"late\n")),
            ],
        );
    }
}

#[test]
fn the_last_line_needs_no_newline_and_the_end_is_reported() {
    let run = run!("last_line");
    let mut tail = happens(
        &run,
        &[
            (0, Sends(b"one\ntwo")),
            (0, Ends),
            (1, Sends(b"still here\n")),
            (1, Ends),
        ],
    );
    for _ in 0..2 {
        if tail.poll() != Polled::End {
            tail.fails(None, "Both sources and the stream had ended. The stream was polled again, and was not at its end.");
        }
    }
    snapshot!(run);
}

#[test]
fn a_source_that_breaks_reports_its_error_and_the_others_go_on() {
    let run = run!("breaks");
    happens(
        &run,
        &[
            (0, Sends(b"half a li")),
            (0, Breaks),
            (1, Sends(b"one\n")),
            (1, Ends),
        ],
    );
    happens(
        &run!(),
        &[
            (1, Sends(b"one\n")),
            (1, Breaks),
            (0, Sends(b"two\n")),
            (0, Breaks),
        ],
    );
    snapshot!(run);
}

#[test]
fn without_a_source_the_stream_ends_at_once() {
    let run = run!();
    let mut tail = Tail::of(&run, &[]);
    if tail.poll() != Polled::End {
        tail.fails(
            Some("no-source-no-end"),
            "There is no source, and the stream did not end.",
        );
    }
}

#[test]
fn two_sources_with_one_label_are_two_sources() {
    let mut tail = Tail::of(&run!(), &["web", "web"]);
    tail.does(0, Sends(b"o"));
    tail.polls();
    tail.does(1, Sends(b"two\n"));
    tail.polls();
    tail.does(0, Sends(b"ne\n"));
    tail.polls();
    tail.does(0, Ends);
    tail.does(1, Ends);
    tail.polls();
}

#[test]
fn bytes_that_are_no_text_are_replaced_and_letters_stay_whole() {
    let run = run!();
    let text = "я здесь\r\n".as_bytes();
    let mut tail = Tail::of(&run, &["web", "db"]);
    for place in 0..text.len() {
        tail.does(0, Sends(&text[place..=place]));
        tail.polls();
    }
    tail.does(1, Sends(b"a\xff\xfeb\r\r\n\r\n\n"));
    tail.polls();
    tail.does(1, Sends(b"\xef\xbb\xbfx\0y \n\tp\rq\n"));
    tail.polls();
    tail.does(1, Sends(b"\xd1\n\x8f\r"));
    tail.does(1, Ends);
    tail.polls();
}

#[test]
fn sources_that_always_have_a_line_take_turns() {
    for count in [2, 3, 300] {
        let labels: Vec<_> = (0..count).map(|number| format!("s{number}")).collect();
        let labels: Vec<_> = labels.iter().map(String::as_str).collect();
        let mut tail = Tail::of(&run!(), &labels);
        for source in 0..count {
            tail.does(source, Sends(b"1\n2\n3\n4\n5\n6\n"));
        }
        for poll in 0..3 * count {
            tail.poll();
            // The first source never runs dry.
            if poll % 2 == 0 {
                tail.does(0, Sends(b"more\n"));
            }
        }
    }
}

#[test]
fn little_is_read_ahead() {
    let run = run!();
    let mut tail = Tail::of(&run, &["web", "db"]).quiet();
    let many: &'static [u8] = Box::leak(b"0123456789abcde\n".repeat(20_000).into_boxed_slice());
    for source in [0, 1] {
        tail.does(source, Sends(many));
    }
    for lines in [1, 10, 100] {
        for _ in 0..2 * lines {
            tail.poll();
        }
    }
    let taken = tail.taken(0);
    run.recorder()
        .says("web", format!("has sent {} bytes", many.len()));
    run.recorder().says(
        "tail",
        format!("has yielded 111 of its lines, and read {taken} bytes"),
    );
    if taken > 111 * 16 + 65_536 {
        run.diagnose(
            "reads-too-much",
            format!("The stream has yielded 1,776 bytes of a source, and has read {taken}. At most 64 KiB may be read ahead."),
        );
    }
}

#[test]
fn a_line_of_100_000_bytes_comes_whole() {
    let run = run!();
    let mut tail = Tail::of(&run, &["web", "db"]).quiet();
    let long: &'static [u8] = Box::leak(vec![b'x'; 1_000].into_boxed_slice());
    for _ in 0..100 {
        tail.does(0, Sends(long));
        tail.polls();
    }
    tail.does(1, Sends(b"short\n"));
    tail.polls();
    tail.does(0, Sends(b"\n"));
    tail.polls();
    // At once: every read finds more than it takes.
    let long: &'static [u8] = Box::leak(vec![b'y'; 100_000].into_boxed_slice());
    tail.does(0, Sends(long));
    tail.polls();
    tail.does(0, Sends(b"\n"));
    tail.polls();
}

const MOVES: [Option<(usize, Does)>; 9] = [
    None,
    Some((0, Sends(b"a"))),
    Some((0, Sends(b"\n"))),
    Some((0, Sends(b"b\nc\n"))),
    Some((0, Ends)),
    Some((0, Breaks)),
    Some((1, Sends(b"d\n"))),
    Some((1, Sends(b"e\nf"))),
    Some((1, Ends)),
];

/// The moves; `None` is a poll. At the end both sources end.
#[track_caller]
fn plays(run: &Run, moves: &[Option<(usize, Does)>]) {
    let mut tail = Tail::of(run, &["web", "db"]);
    for step in moves {
        match step {
            None => drop(tail.poll()),
            Some((source, does)) if tail.is_open(*source) => tail.does(*source, *does),
            Some(_) => {}
        }
    }
    for source in [0, 1] {
        if tail.is_open(source) {
            tail.does(source, Ends);
        }
    }
    tail.polls();
    tail.poll();
}

#[test]
fn every_short_run_yields_every_line_once_and_in_turns() {
    let run = run!();
    let mut layer = vec![Vec::new()];
    for _ in 0..3 {
        let longer = |moves: &Vec<_>| MOVES.map(|next| [&moves[..], &[next]].concat());
        layer = layer.iter().flat_map(longer).collect();
        for moves in &layer {
            plays(&run, moves);
        }
    }
}

#[test]
fn long_runs_yield_every_line_once_and_in_turns() {
    let run = run!();
    let mut random = Random::seeded(0x0A0A);
    for (count, length) in [(1_200, 4), (400, 6), (50, 30)] {
        for _ in 0..count {
            let moves: Vec<_> = (0..length).map(|_| *random.pick(&MOVES)).collect();
            plays(&run, &moves);
        }
    }
}
