//! Lines out of pieces: two decoders, over every split of the same bytes.

use std::convert::Infallible;

use streams::splits::{decode, every_split, same_in_all};
use streams::{Decoder, Decoding, LineCodec};

// ANCHOR: each_read
/// Decodes each piece as it comes.
struct EachRead;

impl Decoder for EachRead {
    type Item = Result<String, streams::BadLine>;
    type Error = Infallible;

    fn decode(&mut self, input: &mut &[u8]) -> Result<Decoding<Self::Item>, Infallible> {
        if input.is_empty() {
            return Ok(Decoding::More);
        }
        let end = input.iter().position(|byte| *byte == b'\n');
        let line = String::from_utf8_lossy(&input[..end.unwrap_or(input.len())]).into_owned();
        *input = &input[end.map_or(input.len(), |end| end + 1)..];
        Ok(Decoding::Frame(Ok(line)))
    }

    fn finish(&mut self) -> Result<Option<Self::Item>, Infallible> {
        Ok(None)
    }
}
// ANCHOR_END: each_read

fn main() {
    closed_output::end_quietly();
    // ANCHOR: splits
    let text = "я\nдом\n".as_bytes();
    for ends in [&[][..], &[3], &[5], &[1, 4]] {
        let found = decode(EachRead, text, ends);
        let lines: Vec<String> = found.items.into_iter().flatten().collect();
        println!("reads end at {ends:?}: {lines:?}");
    }
    // ANCHOR_END: splits
    // ANCHOR: count
    let right = decode(LineCodec::new(100), text, &[]).items;
    let splits = every_split(text.len());
    let wrong = splits.filter(|ends| decode(EachRead, text, ends).items != right);
    println!(
        "wrong in {} of {} splits",
        wrong.count(),
        every_split(text.len()).count()
    );
    // ANCHOR_END: count

    // ANCHOR: law
    let law = same_in_all(|| LineCodec::new(100), text, every_split(text.len()));
    println!("the same lines in all splits: {}", law.is_ok());
    // ANCHOR_END: law
}
