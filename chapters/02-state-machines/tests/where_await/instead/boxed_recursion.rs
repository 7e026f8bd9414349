// ANCHOR: code
async fn depth(n: u8) -> u8 {
    if n == 0 {
        0
    } else {
        Box::pin(depth(n - 1)).await
    }
}
// ANCHOR_END: code
