// ANCHOR: code
async fn main() {}
// ANCHOR_END: code
