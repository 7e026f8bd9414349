//! A client asks a bank to transfer 100, and repeats the request until there is an answer.

use std::cell::Cell;
use std::time::Duration;

use composition::timeout;
use event_loop::{EventLoop, Handle, JumpingDriver};

const SECOND: Duration = Duration::from_secs(1);

// ANCHOR: bank
struct Bank {
    balance: Cell<i64>,
    /// The answers to this many requests are lost on the way.
    lost: Cell<u32>,
}

impl Bank {
    async fn transfer(&self, timer: &Handle, amount: i64) -> &'static str {
        self.balance.set(self.balance.get() - amount);
        let answer_is_lost = self.lost.get() > 0;
        if answer_is_lost {
            self.lost.set(self.lost.get() - 1);
            std::future::pending::<()>().await;
        }
        timer.sleep(SECOND).await;
        "transferred"
    }
}
// ANCHOR_END: bank

// ANCHOR: client
/// Asks again until there is an answer.
async fn persistent(timer: &Handle, bank: &Bank) {
    for attempt in 1.. {
        let answer = timeout(timer, 2 * SECOND, bank.transfer(timer, 100)).await;
        let said = answer.unwrap_or("no answer");
        let at = timer.now().since_start();
        println!("{at:4?}  attempt {attempt}: {said}");
        if answer.is_ok() {
            break;
        }
        timer.sleep(SECOND).await;
    }
}
// ANCHOR_END: client

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let bank = Bank {
        balance: Cell::new(1_000),
        lost: Cell::new(2),
    };
    event_loop.block_on(persistent(&event_loop.handle(), &bank));
    println!("the balance was 1000, and is {}", bank.balance.get());
}
