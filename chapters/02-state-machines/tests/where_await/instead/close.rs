struct Connection;

impl Connection {
    async fn say_goodbye(&mut self) {}
    fn hang_up(&mut self) {}
}

// ANCHOR: code
impl Connection {
    async fn close(mut self) {
        self.say_goodbye().await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.hang_up(); // Only what needs no wait.
    }
}
// ANCHOR_END: code
