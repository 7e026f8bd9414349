// ANCHOR: code
const async fn one() -> u8 {
    1
}
// ANCHOR_END: code
