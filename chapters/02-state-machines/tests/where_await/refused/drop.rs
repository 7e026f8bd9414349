struct Connection;

impl Connection {
    async fn say_goodbye(&mut self) {}
}

// ANCHOR: code
impl Drop for Connection {
    fn drop(&mut self) {
        self.say_goodbye().await;
    }
}
// ANCHOR_END: code
