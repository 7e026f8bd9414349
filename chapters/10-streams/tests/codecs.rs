//! Codecs, over every split of their input.

use std::convert::Infallible;

use probe::random::{Random, bytes};
use streams::splits::{Decoded, Ended, every_split, many_splits, random_splits, same_in_all};
use streams::{BadLine, Decoder, Decoding, Encoder, FrameError, LengthDelimited, LineCodec};

/// What the contract of a line says, on the whole text.
fn lines_of(text: &[u8], limit: usize) -> Vec<Result<String, BadLine>> {
    let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let line = |line: &mut &[u8]| {
        let line = match line.strip_suffix(b"\n") {
            Some(line) => line.strip_suffix(b"\r").unwrap_or(line),
            None => line,
        };
        if line.len() > limit {
            return Err(BadLine::TooLong);
        }
        String::from_utf8(line.to_vec()).map_err(|_| BadLine::NotText)
    };
    lines.iter_mut().map(line).collect()
}

fn all_of(text: &[u8], limit: usize) -> Decoded<Result<String, BadLine>, Infallible> {
    Decoded {
        items: lines_of(text, limit),
        ended: Ended::WithTheInput,
        taken: text.len(),
    }
}

/// All texts of up to `length` of these bytes.
fn texts(letters: &[u8], length: usize) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    let mut layer = all.clone();
    for _ in 0..length {
        let longer = |text: &Vec<u8>| {
            letters
                .iter()
                .map(|&byte| [&text[..], &[byte]].concat())
                .collect::<Vec<_>>()
        };
        layer = layer.iter().flat_map(longer).collect();
        all.extend(layer.iter().cloned());
    }
    all
}

#[test]
fn every_split_of_a_short_text_gives_the_same_lines() {
    for text in texts(b"\n\ra\xff", 5) {
        for limit in [0, 1, 2, 3, usize::MAX] {
            let found = same_in_all(|| LineCodec::new(limit), &text, every_split(text.len()));
            assert_eq!(
                found.as_ref(),
                Ok(&all_of(&text, limit)),
                "{:?}, limit {limit}",
                text.escape_ascii()
            );
        }
    }
}

#[test]
fn random_splits_of_a_long_text_give_the_same_lines() {
    for input in bytes(10, 20, 5_000) {
        for limit in [0, 10, 1_000] {
            let splits = many_splits(input.value.len(), 20, 7).step_by(17);
            let found = same_in_all(|| LineCodec::new(limit), &input.value, splits).unwrap();
            assert_eq!(
                found,
                all_of(&input.value, limit),
                "{}, limit {limit}",
                input.label
            );
        }
    }
}

#[test]
fn a_line_that_is_skipped_takes_no_memory() {
    let mut codec = LineCodec::new(10);
    let mut piece = &[b'x'; 1_000][..];
    assert_eq!(
        codec.decode(&mut piece),
        Ok(Decoding::Frame(Err(BadLine::TooLong)))
    );
    for _ in 0..1_000 {
        assert_eq!(codec.decode(&mut &[b'x'; 1_000][..]), Ok(Decoding::More));
    }
    assert_eq!(
        format!("{codec:?}"),
        "LineCodec { limit: 10, state: Skipping }"
    );
}

#[test]
fn what_is_encoded_as_a_line_is_decoded_as_that_line_or_refused() {
    for text in texts(b"\n\ra", 4) {
        let text = String::from_utf8(text).unwrap();
        let (mut codec, mut bytes) = (LineCodec::new(3), b"before\n".to_vec());
        match codec.encode(&text, &mut bytes) {
            Ok(()) => assert_eq!(lines_of(&bytes[7..], 3), [Ok(text)]),
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
                assert_eq!(bytes, b"before\n", "{text:?}");
                let one = lines_of(format!("{text}\n").as_bytes(), 3) == [Ok(text.clone())];
                assert!(!one, "{text:?} is a line, and was refused");
            }
        }
    }
}

/// What the contract of a frame says, on the whole input.
fn frames_of(mut input: &[u8], limit: u32) -> (Vec<Vec<u8>>, Ended<FrameError>) {
    let mut frames = Vec::new();
    loop {
        let Some((length, rest)) = input.split_first_chunk() else {
            let ended = match input {
                [] => Ended::WithTheInput,
                _ => Ended::Failed(FrameError::Truncated),
            };
            return (frames, ended);
        };
        let length = u32::from_be_bytes(*length);
        if length > limit {
            return (frames, Ended::Failed(FrameError::TooLong { length }));
        }
        let Some((frame, rest)) = rest.split_at_checked(length as usize) else {
            return (frames, Ended::Failed(FrameError::Truncated));
        };
        frames.push(frame.to_vec());
        input = rest;
    }
}

#[test]
fn every_split_of_every_beginning_gives_the_same_frames() {
    for input in [
        &b"\0\0\0\x02ab\0\0\0\0\0\0\0\x01c"[..],
        b"\0\0\0\0\0\0\0\x04abcd",
        b"\0\x01\0\0ab",
    ] {
        for limit in [0, 1, 2, 3, u32::MAX] {
            for end in 0..=input.len().min(13) {
                let input = &input[..end];
                let found =
                    same_in_all(|| LengthDelimited::new(limit), input, every_split(end)).unwrap();
                assert_eq!((found.items, found.ended), frames_of(input, limit));
            }
        }
    }
}

#[test]
fn random_splits_of_many_frames_give_the_same_frames() {
    let (mut random, mut bytes, mut sent) = (Random::seeded(3), Vec::new(), Vec::new());
    let mut codec = LengthDelimited::new(70_000);
    for number in 0..40 {
        let size =
            [0, 1, 255, 256, 1_000, 65_535, 65_536, 70_000][random.below(8)] / (number % 4 + 1);
        sent.push(vec![number as u8; size]);
        codec.encode(sent.last().unwrap(), &mut bytes).unwrap();
    }
    let splits = random_splits(bytes.len(), 50, 7).chain([(1..bytes.len()).collect()]);
    let found = same_in_all(|| LengthDelimited::new(70_000), &bytes, splits).unwrap();
    assert!(found.items == sent && found.ended == Ended::WithTheInput);
}

#[test]
fn a_length_that_was_announced_takes_no_memory() {
    let before = probe_io::heap::in_use();
    let mut codec = LengthDelimited::new(u32::MAX);
    assert_eq!(
        codec.decode(&mut &b"\xff\xff\xff\xffab"[..]),
        Ok(Decoding::More)
    );
    let used = probe_io::heap::in_use() - before;
    assert!(
        used < 10_000,
        "{used} bytes for a frame of which 2 bytes have arrived"
    );
}

#[test]
fn a_frame_above_the_limit_is_not_encoded() {
    let (mut codec, mut bytes) = (LengthDelimited::new(2), Vec::new());
    assert_eq!(
        codec.encode(b"abc", &mut bytes),
        Err(FrameError::TooLong { length: 3 })
    );
    assert_eq!(bytes, b"");
    assert_eq!(codec.encode(b"ab", &mut bytes), Ok(()));
}

/// Decoders that break the law, each in its own way.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Broken {
    APieceIsAFrame,
    LeavesBytes,
    GivesWithoutTaking,
    TakesBehindItsEnd,
    EndsEarlier,
}

impl Decoder for Broken {
    type Item = Vec<u8>;
    type Error = Infallible;

    fn decode(&mut self, input: &mut &[u8]) -> Result<Decoding<Vec<u8>>, Infallible> {
        Ok(match self {
            Broken::LeavesBytes => Decoding::More,
            Broken::GivesWithoutTaking => Decoding::Frame(Vec::new()),
            _ if input.is_empty() => Decoding::More,
            Broken::APieceIsAFrame => Decoding::Frame(std::mem::take(input).to_vec()),
            Broken::TakesBehindItsEnd => {
                *input = &[];
                Decoding::End
            }
            Broken::EndsEarlier => {
                let byte = input[0];
                *input = &input[1..];
                match byte {
                    b'.' if !input.is_empty() => Decoding::End,
                    byte => Decoding::Frame(vec![byte]),
                }
            }
        })
    }

    fn finish(&mut self) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(None)
    }
}

#[test]
fn the_law_finds_each_decoder_that_breaks_it() {
    let law = |broken: Broken| same_in_all(|| broken, b"a.b", every_split(3));
    assert_eq!(law(Broken::APieceIsAFrame).unwrap_err().ends, [1]);
    assert_eq!(law(Broken::LeavesBytes).unwrap().ended, Ended::LeftBytes);
    assert_eq!(
        law(Broken::GivesWithoutTaking).unwrap().ended,
        Ended::Endless
    );
    let difference = law(Broken::TakesBehindItsEnd).unwrap_err();
    assert_eq!((difference.whole.taken, difference.pieces.taken), (3, 1));
    let difference = law(Broken::EndsEarlier).unwrap_err();
    assert_eq!(
        (&difference.ends[..], difference.whole.ended),
        (&[2][..], Ended::AtItsEnd)
    );
}

#[test]
fn the_splits_are_all_splits() {
    assert_eq!(every_split(0).collect::<Vec<_>>(), [vec![0_usize; 0]]);
    assert_eq!(every_split(1).collect::<Vec<_>>(), [vec![0_usize; 0]]);
    let three: Vec<_> = every_split(3).collect();
    assert_eq!(three, [vec![], vec![1], vec![2], vec![1, 2]]);
    for ends in many_splits(1_000, 100, 5).chain(many_splits(0, 3, 5)) {
        assert!(ends.is_sorted() && ends.iter().all(|end| *end <= 1_000));
    }
}
