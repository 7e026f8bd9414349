//! Ten deposits into one account, each with an await between reading the balance and writing it:
//! first without a lock, then under one.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use synchronization::Mutex;

// ANCHOR: without
/// Reads the balance, asks the bank for its permission, writes the balance.
async fn deposit(handle: Handle, balance: Rc<Cell<u32>>) {
    let before = balance.get();
    handle.sleep(Duration::from_millis(10)).await;
    balance.set(before + 1);
}
// ANCHOR_END: without

// ANCHOR: with
/// The same, and no other task can lock the balance meanwhile.
async fn deposit_locked(handle: Handle, balance: Rc<Mutex<u32>>) {
    let mut balance = balance.lock().await;
    let before = *balance;
    handle.sleep(Duration::from_millis(10)).await;
    *balance = before + 1;
}
// ANCHOR_END: with

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let plain: Rc<Cell<u32>> = Rc::default();
    let locked: Rc<Mutex<u32>> = Rc::default();
    event_loop.block_on(async {
        let start = handle.now();
        let deposits: Vec<_> = (0..10)
            .map(|_| handle.spawn(deposit(handle.clone(), Rc::clone(&plain))))
            .collect();
        for deposit in deposits {
            deposit.await.unwrap();
        }
        let took = (handle.now() - start).as_millis();
        println!(
            "without a lock: balance {:2} after {took:3} ms",
            plain.get()
        );

        let start = handle.now();
        let deposits: Vec<_> = (0..10)
            .map(|_| handle.spawn(deposit_locked(handle.clone(), Rc::clone(&locked))))
            .collect();
        for deposit in deposits {
            deposit.await.unwrap();
        }
        let took = (handle.now() - start).as_millis();
        let balance = *locked.lock().await;
        println!("with a lock:    balance {balance:2} after {took:3} ms");
    });
}
