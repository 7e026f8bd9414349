trait Source {
    async fn next(&mut self) -> u8;
}

// ANCHOR: code
async fn first(source: &mut dyn Source) -> u8 {
    source.next().await
}
// ANCHOR_END: code
