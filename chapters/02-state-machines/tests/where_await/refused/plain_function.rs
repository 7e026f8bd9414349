async fn one() -> u8 {
    1
}

// ANCHOR: code
fn load() -> u8 {
    one().await
}
// ANCHOR_END: code
