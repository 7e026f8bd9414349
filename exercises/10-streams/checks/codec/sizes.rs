//! Sizes, and what they may cost.

use super::super::subject::{ChunkError, Chunked};
use super::world::{Feed, Found, bytes, judge};
use probe::run;
use probe_io::heap;
use streams::Decoder;

#[test]
fn a_size_is_hexadecimal_digits_and_nothing_else() {
    for size in [
        "+4", "-0", "0x4", " 4", "4 ", "4_0", "", ";a=b", "4g", "4,", "+0", "\u{661}",
    ] {
        let mut feed = Feed::new(run!(), 100);
        let ended = feed.piece(format!("{size}\r\n").as_bytes());
        match ended {
            Found::Error(ChunkError::Malformed) => {}
            Found::More | Found::End => feed.run.diagnose(
                "lenient-number",
                format!(
                    "The size is {size:?}, and the decoder accepted it. A size is hexadecimal digits and nothing else. Where a proxy in front \
                     reads it in another way, the two disagree where the body ends."
                ),
            ),
            other => feed.run.departs(format!(
                "The size is {size:?}, and `decode` returned {other:?}; expected: Malformed."
            )),
        }
    }
}

/// A size that is written in an unusual way, and right.
#[track_caller]
fn accepts_digits(size: &str, body: &str) {
    let mut feed = Feed::new(run!(), 100);
    if let Found::Error(error) = feed.piece(body.as_bytes()) {
        feed.run.diagnose(
            "digits-refused",
            format!(
                "The size is {size}, and `decode` returned {error:?}. Digits may be upper or lower case, zeros may stand in front, and what \
                 stands behind a `;` is ignored."
            ),
        );
    }
}

#[test]
fn upper_and_lower_case_and_leading_zeros_are_accepted() {
    for size in [
        "a",
        "A",
        "0a",
        "0000000000000000000a",
        "a;",
        "a;b=c;d",
        "a;\t\u{e9}",
    ] {
        let body = format!("{size}\r\n0123456789\r\n0\r\n\r\n");
        accepts_digits(size, &body);
        judge(body.as_bytes(), &[], 100);
    }
    let zeros = "0".repeat(250);
    accepts_digits("250 zeros", &format!("{zeros}\r\n\r\n"));
    judge(format!("{zeros}\r\n\r\n").as_bytes(), &[], 100);
    judge(
        format!("{zeros}1F\r\n{}\r\n0\r\n\r\n", "x".repeat(31)).as_bytes(),
        &[],
        100,
    );
}

#[test]
fn a_size_that_no_usize_holds_is_too_long() {
    for size in [
        "10000000000000004",
        "ffffffffffffffffff",
        "1000000000000000000000000000000000000004",
    ] {
        let mut feed = Feed::new(run!(), usize::MAX);
        let ended = feed.piece(format!("{size}\r\nWiki\r\n").as_bytes());
        if ended != Found::Error(ChunkError::TooLong) {
            feed.run.diagnose(
                "size-wraps",
                format!(
                    "The size is {size} in hexadecimal digits, more than a `usize` holds, and `decode` did not return `TooLong`. Where the \
                     number wraps around, such a size becomes a small one."
                ),
            );
        }
    }
}

#[test]
fn a_chunk_above_the_limit_is_refused_and_one_of_the_limit_is_a_frame() {
    for limit in [1, 4, 255, 256, 65_536] {
        let chunk = "x".repeat(limit);
        let body = format!("{limit:x}\r\n{chunk}\r\n0\r\n\r\n");
        let mut feed = Feed::new(run!(), limit);
        (feed.run.recorder()).says("codec", format!("has a limit of {}", bytes(limit)));
        if feed.piece(body.as_bytes()) == Found::Error(ChunkError::TooLong) {
            feed.run.diagnose(
                "refused-at-the-limit",
                format!(
                    "The limit is {0}, a chunk of {0} came, and `decode` returned `TooLong`. A chunk is too long if it is larger than the limit.",
                    bytes(limit)
                ),
            );
        }
        judge(body.as_bytes(), &[], limit);
        let mut feed = Feed::new(run!(), limit);
        let size = limit + 1;
        (feed.run.recorder()).says("codec", format!("has a limit of {}", bytes(limit)));
        let ended = feed.piece(format!("{size:x}\r\nx{chunk}\r\n").as_bytes());
        if ended != Found::Error(ChunkError::TooLong) {
            feed.run.diagnose(
                "limit-not-enforced",
                format!(
                    "The limit is {}, a chunk of {} came, and `decode` did not return `TooLong`. The peer decides then how much memory the \
                     chunk takes.",
                    bytes(limit),
                    bytes(size)
                ),
            );
        }
    }
    judge(b"0\r\n\r\n", &[], 0);
    judge(b"1\r\na\r\n0\r\n\r\n", &[], 0);
}

#[test]
fn a_line_has_at_most_256_bytes() {
    for (before, behind) in [
        ("4;", "\r\nWiki\r\n0\r\n\r\n"),
        ("0;", "\r\n\r\n"),
        ("0\r\nab", "\r\n\r\n"),
    ] {
        for (length, limit) in [(254, 100), (255, 100), (1_000, 100)] {
            let body = format!("{before}{}{behind}", "x".repeat(length));
            let mut feed = Feed::new(run!(), limit);
            let line = before.rsplit('\n').next().unwrap_or(before).len() + length;
            (feed.run.recorder()).says("peer", format!("brings a line of {}", bytes(line)));
            match feed.piece(body.as_bytes()) {
                Found::Error(ChunkError::TooLong) if line <= 256 => feed.run.diagnose(
                    "refused-at-the-limit",
                    format!("A line of {} came, its end not counted, and `decode` returned `TooLong`. A line may have 256.", bytes(line)),
                ),
                Found::End if line > 256 => feed.run.diagnose(
                    "limit-not-enforced",
                    format!("A line of {} came, and the decoder accepted it. A line has at most 256 bytes, also one with an extension, and one behind the last chunk.", bytes(line)),
                ),
                _ => {}
            }
            judge(body.as_bytes(), &[], limit);
            judge(body.as_bytes(), &[257, 258, 259], limit);
        }
    }
    for begin in ["4;", "0\r\n", "0\r\na: b\r\nc"] {
        let mut codec = Chunked::new(100);
        let before = heap::in_use();
        let refused = [begin.as_bytes(), &[b'x'; 100_000]]
            .iter()
            .flat_map(|piece| piece.chunks(1_000))
            .any(|mut piece| codec.decode(&mut piece).is_err());
        let used = heap::in_use() - before;
        if !refused || used > 3_024 {
            let run = run!();
            (run.recorder()).says("peer", format!("sends {begin:?}, then 100,000 times x"));
            (run.recorder()).says("memory", format!("{used} bytes more"));
            run.diagnose(
                "no-limit-while-reading",
                "A line of 100,000 bytes came without an end, and the decoder kept taking it. A line has at most 256 bytes: the limit has to \
                 hold before the end of the line is there, too.",
            );
        }
    }
}

#[test]
fn a_size_that_was_announced_takes_no_memory() {
    let mut codec = Chunked::new(usize::MAX);
    let before = heap::in_use();
    let run = run!();
    run.recorder().says(
        "peer",
        "announces a chunk of 1,073,741,824 bytes and sends 4",
    );
    let _ = run.risk(
        Some("trusts-the-length"),
        "A chunk of 1,073,741,824 bytes was announced, and the process ended: its memory was asked for at once.",
        || codec.decode(&mut &b"40000000\r\nWiki"[..]),
    );
    let used = heap::in_use() - before;
    if used > 2_064 {
        run.recorder().says("memory", format!("{used} bytes more"));
        run.diagnose(
            "trusts-the-length",
            format!(
                "4 bytes of the chunk have arrived, and {used} bytes of memory are in use. The size is what the peer says; what it sends may be \
                 less."
            ),
        );
    }
}

#[test]
fn what_was_returned_takes_no_memory() {
    let mut codec = Chunked::new(100_000);
    let body = [&b"186a0\r\n"[..], &[b'x'; 100_000], b"\r\n"].concat();
    let before = heap::in_use();
    drop(codec.decode(&mut &body[..]));
    let used = heap::in_use() - before;
    if used > 2_064 {
        let run = run!();
        (run.recorder()).says("peer", "has sent a chunk of 100,000 bytes");
        (run.recorder()).says("memory", format!("{used} bytes more"));
        run.diagnose(
            "never-freed",
            format!("A chunk of 100,000 bytes was returned, and its caller has dropped it. {used} bytes of memory are still in use: the decoder keeps its buffer for each connection, as large as the largest chunk was."),
        );
    }
    let chunk = [&b"3e8\r\n"[..], &[b'x'; 1_000], b"\r\n"].concat();
    let line = [&[b'x'; 200][..], b"\r\n"].concat();
    for (what, begin, piece) in [
        ("chunks", &b""[..], chunk),
        ("lines behind the last chunk", b"0\r\n", line),
    ] {
        let mut codec = Chunked::new(1_000);
        let before = heap::in_use();
        let _ = codec.decode(&mut &*begin);
        for _ in 0..200 {
            let mut input = &piece[..];
            let _ = codec.decode(&mut input);
            let _ = codec.decode(&mut input);
        }
        let used = heap::in_use() - before;
        if used > 6_000 {
            let run = run!();
            (run.recorder()).says(
                "peer",
                format!("has sent 200 {what} of {} each", bytes(piece.len())),
            );
            (run.recorder()).says("memory", format!("{used} bytes more"));
            run.diagnose(
                "never-freed",
                format!("200 {what} were decoded one after the other, and {used} bytes of memory are still in use."),
            );
        }
    }
}
