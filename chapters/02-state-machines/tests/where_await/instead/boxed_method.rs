use std::pin::Pin;

// ANCHOR: code
trait Source {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = u8> + '_>>;
}

async fn first(source: &mut dyn Source) -> u8 {
    source.next().await
}
// ANCHOR_END: code
