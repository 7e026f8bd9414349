async fn add(n: u8) -> u8 {
    n + 1
}

// ANCHOR: code
async fn twice(next: impl AsyncFn(u8) -> u8) -> u8 {
    next(next(1).await).await
}

async fn three() -> u8 {
    twice(async |n| add(n).await).await
}
// ANCHOR_END: code
