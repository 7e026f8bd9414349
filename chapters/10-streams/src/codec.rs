//! Codecs: what turns bytes into frames and frames into bytes, and never waits.

/// Finds the frames in a sequence of bytes. A decoder is **pure**: it reads no stream, it waits for
/// nothing, and the same bytes give the same frames, however they are cut into pieces.
///
/// ```text
///                 ┌─────────┐── Frame(item) ──▶ the caller; ask again
///   input ──────▶ │ decode  │── More ─────────▶ every byte was taken; bring the next piece
///   a piece       └─────────┘── End ──────────▶ no frame follows; the bytes left are not its own
/// ```
///
/// What the caller can survive is an item, and what it cannot is an error. So a line that is too long
/// is an item of [`LineCodec`](crate::LineCodec), which goes on behind it; a length that is too large
/// is an error of [`LengthDelimited`](crate::LengthDelimited).
// ANCHOR: decoder
pub trait Decoder {
    /// A frame.
    type Item;
    /// Why there are no more frames.
    type Error;

    /// Looks for the next frame in `input`, and moves `input` behind the bytes that it took.
    ///
    /// Returns [`Decoding::More`] only when it has taken every byte. It keeps the bytes of a frame
    /// that is not complete yet, and its limit bounds how many these are.
    ///
    /// # Errors
    ///
    /// If the bytes cannot be understood. After an error a decoder is not called again.
    fn decode(&mut self, input: &mut &[u8]) -> Result<Decoding<Self::Item>, Self::Error>;

    /// The input has ended, and everything before it was decoded. Returns the last frame if the end of
    /// the input completes it.
    ///
    /// # Errors
    ///
    /// If the input may not end here, as in the middle of a frame.
    fn finish(&mut self) -> Result<Option<Self::Item>, Self::Error>;
}
// ANCHOR_END: decoder

/// What a [`Decoder`] found.
// ANCHOR: decoding
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoding<T> {
    /// A frame. There may be further ones in the bytes that are left.
    Frame(T),
    /// No complete frame, and every byte was taken.
    More,
    /// No frame follows. The bytes that are left belong to what comes next, such as the next message of
    /// the connection. Each further call says the same and takes no byte.
    End,
}
// ANCHOR_END: decoding

/// Turns frames into bytes. An encoder is pure, too: it appends to a buffer and writes to no stream.
pub trait Encoder<Item> {
    /// Why a frame cannot be encoded.
    type Error;

    /// Appends the bytes of `item` to `output`.
    ///
    /// # Errors
    ///
    /// If the frame cannot be encoded. `output` is as it was then.
    fn encode(&mut self, item: Item, output: &mut Vec<u8>) -> Result<(), Self::Error>;
}
