async fn add(n: u8) -> u8 {
    n + 1
}

// ANCHOR: code
async fn all() -> Vec<u8> {
    [1, 2].into_iter().map(|n| add(n).await).collect()
}
// ANCHOR_END: code
