//! 10.7 codec: a body in chunks, however it is cut into pieces.

#[path = "codec/model.rs"]
mod model;
#[path = "codec/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "codec/sizes.rs"]
mod sizes;

#[path = "codec/splits.rs"]
mod splits;

use probe::{run, snapshot};
use world::{Feed, Found, bytes, judge};

const BODY: &[u8] = b"4\r\nWiki\r\n6;a=b\r\npedia \r\n0\r\nExpires: never\r\n\r\n";

#[test]
fn each_chunk_is_a_frame_and_the_empty_line_is_the_end() {
    let mut feed = Feed::new(run!("one_piece"), 100);
    let ended = feed.piece(BODY);
    if feed.frames.is_empty() && ended == Found::More {
        feed.run
            .departs("Two chunks have arrived, and `decode` returned no frame.");
    }
    if feed.frames != [&b"Wiki"[..], b"pedia "] {
        feed.run
            .departs("The chunks are \"Wiki\" and \"pedia \", and the frames are others.");
    }
    if ended != Found::End {
        feed.run
            .departs("The whole body has arrived, and `decode` did not return `End`.");
    }
    if feed.left > 0 {
        feed.run.departs(format!(
            "The body ends with an empty line, and {} of it are left.",
            bytes(feed.left)
        ));
    }
    snapshot!(feed.run);
}

#[test]
fn a_chunk_may_arrive_in_pieces() {
    let mut feed = Feed::new(run!("in_pieces"), 100);
    let mut ended = Found::More;
    for piece in [&b"4\r\nWi"[..], b"ki\r\n0", b"\r\n\r\n"] {
        ended = feed.piece(piece);
        if feed.frames.first().is_some_and(|frame| frame != b"Wiki") {
            feed.run.diagnose_at(
                feed.calls.first().copied().flatten(),
                "read-is-a-message",
                "The chunk has 4 bytes and came in two pieces, and `decode` returned the bytes of one piece as a frame. A chunk ends where \
                 its size says, and not where a piece ends.",
            );
        }
    }
    if feed.frames != [b"Wiki"] {
        feed.run
            .departs("The chunk is \"Wiki\", and the frames are others.");
    }
    if ended != Found::End {
        feed.run
            .departs("The whole body has arrived, and `decode` did not return `End`.");
    }
    snapshot!(feed.run);
}

#[test]
fn the_body_ends_with_the_empty_line_and_not_before() {
    for begin in [&b""[..], b"0\r\n", b"0\r\n\r", b"0\r\nExpires: never\r\n"] {
        let mut feed = Feed::new(run!(), 100);
        for piece in [begin, b""] {
            if feed.piece(piece) != Found::More {
                feed.run
                    .departs("The empty line has not arrived, and `decode` did not return `More`.");
            }
        }
    }
}

#[test]
fn the_two_bytes_of_a_lines_end_may_arrive_apart() {
    // Behind a size, behind a chunk, behind the last size, and the empty line's.
    for end in [2, 8, 11, 13] {
        let body = b"4\r\nWiki\r\n0\r\n\r\n";
        let mut feed = Feed::new(run!(), 100);
        let first = feed.piece(&body[..end]);
        let last = match first {
            Found::More => feed.piece(&body[end..]),
            other => other,
        };
        if feed.frames != [b"Wiki"] || last != Found::End {
            feed.run.diagnose(
                "line-split-in-two",
                "The `\\r` was the last byte of one piece, and the `\\n` the first of the next. The decoder did not take the two for the \
                 end of the line.",
            );
        }
    }
}

#[test]
fn the_bytes_behind_the_end_are_not_taken() {
    let mut feed = Feed::new(run!("behind_the_end"), 100);
    for call in 0..2 {
        let input = [b"0\r\n\r\nGET / HTTP", &b"GET / HTTP"[..]][call];
        let ended = feed.piece(input);
        if ended != Found::End {
            feed.run.departs(match call {
                0 => "The body is whole, and `decode` did not return `End`.",
                _ => "`decode` had returned `End`. The next call has to return it again, and returned something else.",
            });
        }
        if feed.left < 10 {
            feed.run.diagnose(
                "reads-past-the-end",
                format!(
                    "10 bytes of the next request lie behind the end of the body, and {} of them are left. The connection is read on behind \
                     the body, and the next request would begin in its middle.",
                    feed.left
                ),
            );
        }
        if feed.left > 10 {
            feed.run.departs(format!(
                "10 bytes lie behind the body, and {} bytes are left.",
                feed.left
            ));
        }
    }
    if let Err(error) = feed.finish() {
        feed.run.departs(format!(
            "The input ended behind the body, and `finish` returned {error:?}."
        ));
    }
    snapshot!(feed.run);
}

#[test]
fn a_newline_alone_ends_no_line() {
    for body in [
        "4\nWiki\r\n0\r\n\r\n",
        "4;\n\r\nWiki\r\n0\r\n\r\n",
        "0\n\r\n\r\n",
        "0\r\n\n\r\n\r\n",
        "0\r\na\nb\r\n\r\n",
    ] {
        let mut feed = Feed::new(run!(), 100);
        let ended = feed.piece(body.as_bytes());
        if !feed.frames.is_empty() || ended == Found::End {
            feed.run.diagnose(
                "bare-newline-accepted",
                format!(
                    "In {body:?} a `\\n` stands without a `\\r` before it, and the decoder accepted it. A line ends with `\\r\\n`, and no \
                     other `\\n` stands in it."
                ),
            );
        }
        judge(body.as_bytes(), &[], 100);
    }
}

#[test]
fn a_return_alone_stands_in_no_line() {
    for body in [
        "4;a\rb\r\nWiki\r\n0\r\n\r\n",
        "4\rWiki\r\n0\r\n\r\n",
        "0;a\r\r\n\r\n",
        "0\r\na\rb\r\n\r\n",
    ] {
        let mut feed = Feed::new(run!(), 100);
        let ended = feed.piece(body.as_bytes());
        if !feed.frames.is_empty() || ended == Found::End {
            feed.run.diagnose(
                "bare-return-accepted",
                format!(
                    "In {body:?} a `\\r` stands without a `\\n` behind it, and the decoder accepted it. A line ends with `\\r\\n`, and no \
                     other `\\r` stands in it."
                ),
            );
        }
        judge(body.as_bytes(), &[], 100);
    }
}

#[test]
fn lines_behind_the_last_chunk_are_ignored() {
    for line in ["Expires: never", "no colon", " ", ":", "4", "\u{e9}\t;"] {
        let body = format!("0\r\n{line}\r\n\r\n");
        let mut feed = Feed::new(run!(), 100);
        let ended = feed.piece(body.as_bytes());
        if let Found::Error(error) = ended {
            feed.run.diagnose(
                "ignored-line-refused",
                format!(
                    "Behind the last chunk stands the line {line:?}, and `decode` returned {error:?}. Such a line is ignored, and nothing in it \
                     is an error."
                ),
            );
        }
        judge(body.as_bytes(), &[], 100);
    }
}

#[test]
fn behind_the_bytes_of_a_chunk_its_line_ends() {
    let mut feed = Feed::new(run!(), 100);
    feed.piece(b"4\r\nWiki");
    if !feed.frames.is_empty() {
        feed.run
            .departs("`decode` returned the chunk before its `\\r\\n` had arrived.");
    }
    for body in [
        &b"4\r\nWikiXX0\r\n\r\n"[..],
        b"4\r\nWiki\n\r0\r\n\r\n",
        b"4\r\nWiki\n0\r\n\r\n",
        b"4\r\nWiki\rX0\r\n\r\n",
        b"4\r\nWikipedia\r\n0\r\n\r\n",
    ] {
        let mut feed = Feed::new(run!(), 100);
        let ended = feed.piece(body);
        if ended == Found::End || !feed.frames.is_empty() {
            feed.run.diagnose(
                "chunk-end-not-checked",
                "Behind the 4 bytes of the chunk there is no `\\r\\n`. The body is malformed, and the decoder went on as if it were there.",
            );
        }
        judge(body, &[], 100);
    }
}
