//! A decoder that is given pieces, recorded; and the comparison with what the contract says.

use super::super::subject::{ChunkError, Chunked};
use super::model::{Ends, Model, model};
use probe::{Run, panics, run};
use streams::{Decoder, Decoding};

/// What a call gave.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    Frame(Vec<u8>),
    More,
    End,
    Error(ChunkError),
}

/// Gives a decoder its pieces and records the calls.
pub(super) struct Feed {
    pub(super) run: Run,
    codec: Chunked,
    pub(super) frames: Vec<Vec<u8>>,
    /// Where the calls of the frames, and of what followed them, are in the recording.
    pub(super) calls: Vec<Option<usize>>,
    /// How many bytes of the last piece were left.
    pub(super) left: usize,
}

impl Feed {
    pub(super) fn new(run: Run, limit: usize) -> Feed {
        Feed {
            run,
            codec: Chunked::new(limit),
            frames: Vec::new(),
            calls: Vec::new(),
            left: 0,
        }
    }

    /// Calls `decode` with this piece until it gives something else than a frame.
    #[track_caller]
    pub(super) fn piece(&mut self, piece: &[u8]) -> Found {
        let mut input = piece;
        (self.run.recorder()).says("peer", format!("brings {}", show(piece)));
        for _ in 0..piece.len() + 3 {
            match self.decode(&mut input) {
                Found::Frame(frame) => self.frames.push(frame),
                Found::More if !input.is_empty() => self.run.diagnose(
                    "bytes-left-behind",
                    format!(
                        "`decode` returned `More` and left {}. The next call brings the bytes that follow these, so the bytes that are \
                         left are lost.",
                        bytes(input.len())
                    ),
                ),
                other => {
                    self.left = input.len();
                    return other;
                }
            }
        }
        self.run.departs(format!(
            "{} were decoded, and `decode` has returned {} frames and still returns more.",
            bytes(piece.len()),
            self.frames.len()
        ))
    }

    #[track_caller]
    fn decode(&mut self, input: &mut &[u8]) -> Found {
        let call = (self.run.recorder()).enters("codec", "decode");
        let codec = &mut self.codec;
        let decoded = self.run.risk(
            None,
            "`decode` was called with these bytes and did not return.",
            || panics::expected(|| codec.decode(input)),
        );
        let found = match decoded {
            Ok(Ok(Decoding::Frame(frame))) => Found::Frame(frame),
            Ok(Ok(Decoding::More)) => Found::More,
            Ok(Ok(Decoding::End)) => Found::End,
            Ok(Err(error)) => Found::Error(error),
            Err(panic) => {
                drop(call);
                self.refuse_panic(&panic.message)
            }
        };
        call.returns(match &found {
            Found::Frame(frame) => show(frame),
            Found::More => "More".to_owned(),
            Found::End if input.is_empty() => "End".to_owned(),
            Found::End => format!("End, {} left", bytes(input.len())),
            Found::Error(error) => format!("{error:?}"),
        });
        self.calls.push(self.run.recorder().last_event());
        found
    }

    #[track_caller]
    fn refuse_panic(&self, message: &str) -> ! {
        if message.contains("overflow") {
            self.run.diagnose(
                "size-wraps",
                format!(
                    "`decode` panicked: {message}. A peer can send a size that no `usize` holds."
                ),
            );
        }
        self.run.departs(format!("`decode` panicked: {message}."))
    }

    /// Says that the input has ended.
    #[track_caller]
    pub(super) fn finish(&mut self) -> Result<(), ChunkError> {
        let call = self.run.recorder().enters("codec", "finish()");
        let codec = &mut self.codec;
        let finished = panics::expected(|| codec.finish());
        match finished {
            Ok(Ok(None)) => {
                call.returns("None");
                Ok(())
            }
            Ok(Ok(Some(frame))) => {
                call.returns(show(&frame));
                self.run.departs(
                    "`finish` returned a frame. A chunk is a frame when its `\\r\\n` has arrived.",
                )
            }
            Ok(Err(error)) => {
                call.returns(format!("{error:?}"));
                Err(error)
            }
            Err(panic) => {
                drop(call);
                self.run
                    .departs(format!("`finish` panicked: {}.", panic.message))
            }
        }
    }

    /// Gives the whole input in pieces that end at these places, then its end, and compares.
    #[track_caller]
    pub(super) fn judge(&mut self, input: &[u8], ends: &[usize], limit: usize) {
        let expected = model(input, limit);
        let (mut begin, mut ended) = (0, Found::More);
        for &end in ends.iter().chain([&input.len()]) {
            ended = self.piece(&input[begin..end]);
            begin = end;
            if ended != Found::More {
                break;
            }
        }
        if ended == Found::More {
            ended = match self.finish() {
                Ok(()) => Found::More,
                Err(error) => Found::Error(error),
            };
        }
        let taken = begin - self.left;
        if let Some(wrong) = self.difference(&expected, &ended, taken) {
            self.run.departs_at(
                self.run.recorder().last_event(),
                format!(
                    "{wrong} The whole input: {}. The limit: {limit}.",
                    show(input)
                ),
            );
        }
    }

    fn difference(&self, expected: &Model, ended: &Found, taken: usize) -> Option<String> {
        if self.frames != expected.frames {
            return Some(format!(
                "The frames are {}; expected: {}.",
                all(&self.frames),
                all(&expected.frames)
            ));
        }
        let text = match (&expected.ends, ended) {
            (Ends::At(place), Found::End) if taken == *place => return None,
            (Ends::With(errors), Found::Error(error)) if errors.contains(error) => return None,
            (Ends::At(place), Found::End) => format!(
                "The body has {}, and the decoder has taken {taken}.",
                bytes(*place)
            ),
            (Ends::At(_), Found::Error(error)) => {
                format!("The body is whole, and the decoder returned {error:?}.")
            }
            (Ends::At(_), _) => {
                "The body is whole, and the decoder did not return `End`.".to_owned()
            }
            (Ends::With(errors), found) => {
                let errors: Vec<String> = errors.iter().map(|error| format!("{error:?}")).collect();
                let found = match found {
                    Found::Error(error) => format!("returned {error:?}"),
                    Found::End => "returned `End`".to_owned(),
                    _ => "returned no error".to_owned(),
                };
                format!("The decoder {found}; expected: {}.", errors.join(" or "))
            }
        };
        Some(text)
    }
}

/// The same without a recording; if it differs, once more with one.
#[track_caller]
pub(super) fn judge(input: &[u8], ends: &[usize], limit: usize) {
    let agrees = panics::expected(|| agrees(input, ends, limit));
    if !matches!(agrees, Ok(true)) {
        Feed::new(run!(), limit).judge(input, ends, limit);
        run!().departs("Two decoders were given the same bytes, and gave different frames.");
    }
}

fn agrees(input: &[u8], ends: &[usize], limit: usize) -> bool {
    let expected = model(input, limit);
    let found = streams::splits::decode(Chunked::new(limit), input, ends);
    use streams::splits::Ended;
    let same_end = match (&expected.ends, &found.ended) {
        (Ends::At(place), Ended::AtItsEnd) => found.taken == *place,
        (Ends::With(errors), Ended::Failed(error)) => errors.contains(error),
        _ => false,
    };
    same_end && found.items == expected.frames
}

pub(super) fn show(bytes: &[u8]) -> String {
    let begin = &bytes[..bytes.len().min(60)];
    let rest = match bytes.len() {
        0..=60 => String::new(),
        more => format!(" and {} more", more - 60),
    };
    format!("\"{}\"{rest}", begin.escape_ascii())
}

pub(super) fn bytes(count: usize) -> String {
    match count {
        1 => "1 byte".to_owned(),
        count => format!("{count} bytes"),
    }
}

fn all(frames: &[Vec<u8>]) -> String {
    let frames: Vec<String> = frames.iter().map(|frame| show(frame)).collect();
    match frames.len() {
        0 => "none".to_owned(),
        _ => frames.join(", "),
    }
}
