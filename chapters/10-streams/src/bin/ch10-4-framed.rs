//! Frames with a length in front of each: two of them are sent, and less than all bytes come back.

use futures::{SinkExt, StreamExt};
use streams::{Framed, LengthDelimited};

fn main() {
    closed_output::end_quietly();
    wakers::block_on(framed());
}

// ANCHOR: framed
async fn framed() {
    let bytes = futures::io::Cursor::new(Vec::new());
    let mut out = Framed::new(bytes, LengthDelimited::new(5));
    for text in ["one", "two", "seventeen"] {
        match out.send(text).await {
            Ok(()) => println!("sent {text:?}"),
            Err(error) => println!("not sent: {error}"),
        }
    }
    let bytes = out.into_parts().stream.into_inner();
    println!("the bytes: {}", bytes.escape_ascii());
    let mut frames = Framed::new(&bytes[..10], LengthDelimited::new(5));
    while let Some(frame) = frames.next().await {
        match frame {
            Ok(frame) => println!("frame {:?}", String::from_utf8_lossy(&frame)),
            Err(error) => println!("error: {error}"),
        }
    }
}
// ANCHOR_END: framed
