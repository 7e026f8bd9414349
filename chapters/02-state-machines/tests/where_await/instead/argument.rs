async fn one() -> u8 {
    1
}

// ANCHOR: code
async fn start() -> u8 {
    let limit = one().await;
    serve(limit).await
}

async fn serve(limit: u8) -> u8 {
    limit
}
// ANCHOR_END: code
