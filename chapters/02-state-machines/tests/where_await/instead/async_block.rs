async fn one() -> u8 {
    1
}

// ANCHOR: code
fn load() -> impl Future<Output = u8> {
    async { one().await }
}
// ANCHOR_END: code
