// ANCHOR: code
trait Source {
    async fn next(&mut self) -> u8;
}

async fn first<S: Source>(source: &mut S) -> u8 {
    source.next().await
}
// ANCHOR_END: code
