async fn add(n: u8) -> u8 {
    n + 1
}

// ANCHOR: code
async fn all() -> Vec<u8> {
    let mut sums = Vec::new();
    for n in [1, 2] {
        sums.push(add(n).await);
    }
    sums
}
// ANCHOR_END: code
