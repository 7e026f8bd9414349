async fn one() -> u8 {
    1
}

// ANCHOR: code
async fn limit() -> u8 {
    const LIMIT: u8 = one().await;
    LIMIT
}
// ANCHOR_END: code
