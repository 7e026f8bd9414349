//! A program with a slow step. `LOOP_DEBUG=1` in the environment reports it.

use std::time::Duration;

use event_loop::JumpingDriver;

fn main() {
    closed_output::end_quietly();
    let driver = JumpingDriver::new();
    let clock = driver.clone();
    debugging::run(driver, |handle| async move {
        clock.spend(Duration::from_millis(250));
        handle.sleep(Duration::from_secs(1)).await;
        println!("done");
    });
}
