//! The law of every codec: the frames do not depend on the pieces in which the bytes arrive.

use crate::codec::{Decoder, Decoding};

/// What a decoder made of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded<T, E> {
    /// The frames, in order.
    pub items: Vec<T>,
    /// What followed the last of them.
    pub ended: Ended<E>,
    /// How many bytes the decoder took.
    pub taken: usize,
}

/// What the decoder `D` made of an input.
pub type DecodedBy<D> = Decoded<<D as Decoder>::Item, <D as Decoder>::Error>;

/// How a decoder came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended<E> {
    /// At the end of the input.
    WithTheInput,
    /// It said [`Decoding::End`].
    AtItsEnd,
    /// With an error, of `decode` or of `finish`.
    Failed(E),
    /// It breaks the contract of [`Decoder`]: it said [`Decoding::More`] and left bytes.
    LeftBytes,
    /// It breaks the contract of [`Decoder`]: it went on giving frames without taking a byte.
    Endless,
}

/// Gives a decoder the input in pieces that end at these places, and then its end.
///
/// # Panics
///
/// If the places are not in order, or lie behind the input.
// ANCHOR: decode
pub fn decode<D: Decoder>(mut decoder: D, input: &[u8], ends: &[usize]) -> DecodedBy<D> {
    let (mut items, mut taken) = (Vec::new(), 0);
    for &end in ends.iter().chain([&input.len()]) {
        let mut piece = &input[taken..end];
        loop {
            let decoding = decoder.decode(&mut piece);
            taken = end - piece.len();
            let ended = match decoding {
                Ok(Decoding::Frame(_)) if items.len() > input.len() => Ended::Endless,
                Ok(Decoding::Frame(item)) => {
                    items.push(item);
                    continue;
                }
                Ok(Decoding::More) if piece.is_empty() => break,
                Ok(Decoding::More) => Ended::LeftBytes,
                Ok(Decoding::End) => Ended::AtItsEnd,
                Err(error) => Ended::Failed(error),
            };
            return Decoded {
                items,
                ended,
                taken,
            };
        }
    }
    let ended = match decoder.finish() {
        Ok(last) => {
            items.extend(last);
            Ended::WithTheInput
        }
        Err(error) => Ended::Failed(error),
    };
    Decoded {
        items,
        ended,
        taken,
    }
}
// ANCHOR_END: decode

/// A split of an input whose frames are not those of the whole input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference<T, E> {
    /// Where the pieces end.
    pub ends: Vec<usize>,
    /// The frames of the input in one piece.
    pub whole: Decoded<T, E>,
    /// The frames of the pieces.
    pub pieces: Decoded<T, E>,
}

/// The split that the decoder `D` does not pass.
pub type DifferenceOf<D> = Difference<<D as Decoder>::Item, <D as Decoder>::Error>;

/// Decodes `input` in one piece and in each of `splits`, and returns what it made of the one piece.
///
/// # Errors
///
/// The first split that gives something else: other frames, another end, or another number of bytes
/// that were taken. After an error, that number may differ.
// ANCHOR: law
pub fn same_in_all<D>(
    decoder: impl Fn() -> D,
    input: &[u8],
    splits: impl IntoIterator<Item = Vec<usize>>,
) -> Result<DecodedBy<D>, DifferenceOf<D>>
where
    D: Decoder<Item: PartialEq, Error: PartialEq>,
{
    let whole = decode(decoder(), input, &[]);
    for ends in splits {
        let mut pieces = decode(decoder(), input, &ends);
        if matches!(whole.ended, Ended::Failed(_)) {
            pieces.taken = whole.taken;
        }
        if pieces != whole {
            return Err(Difference {
                ends,
                whole,
                pieces,
            });
        }
    }
    Ok(whole)
}
// ANCHOR_END: law

/// Every split of an input of this many bytes into pieces that are not empty: 2 to the power of
/// `length - 1` of them.
///
/// # Panics
///
/// If there are more than a million.
pub fn every_split(length: usize) -> impl Iterator<Item = Vec<usize>> {
    let cuts = length.saturating_sub(1);
    assert!(
        cuts <= 20,
        "a long input has too many splits: see `many_splits`"
    );
    (0..1_usize << cuts).map(move |chosen| {
        let ends = 1..length;
        ends.filter(|end| chosen & (1 << (end - 1)) != 0).collect()
    })
}

/// Splits of an input of any length: one for each place, one in which each byte comes alone, and
/// `count` random ones.
pub fn many_splits(length: usize, count: usize, seed: u64) -> impl Iterator<Item = Vec<usize>> {
    let single = (1..length).map(|end| vec![end]);
    let bytes = std::iter::once((1..length).collect());
    single
        .chain(bytes)
        .chain(random_splits(length, count, seed))
}

/// `count` random splits into up to 65 pieces, of which some are empty. The same seed gives the same
/// ones.
pub fn random_splits(length: usize, count: usize, seed: u64) -> impl Iterator<Item = Vec<usize>> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut below = move |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % limit as u64).expect("it is below a usize")
    };
    (0..count).map(move |_| {
        let pieces = below(length.min(64) + 1);
        let mut ends: Vec<usize> = (0..pieces).map(|_| below(length + 1)).collect();
        ends.sort_unstable();
        ends
    })
}
