//! Tries well-known crates on the loop of this course: `cargo run -p tried`, or `cargo run -p tried -- NAME`.
//!
//! Each is tried in a process of its own, because some start threads at their first use and keep them.

use std::env;
use std::process::Command;

use tried::{TRIES, outcome};

fn main() {
    std::panic::set_hook(Box::new(|_| {})); // The table shows the panics.
    match env::args().nth(1) {
        Some(name) => {
            let tried = TRIES.iter().find(|tried| tried.name == name);
            let tried = tried.unwrap_or_else(|| panic!("{name} is not tried"));
            println!("{}", outcome(tried));
        }
        None => {
            for tried in TRIES {
                let program = env::current_exe().expect("this program has a path");
                let output = Command::new(program).arg(tried.name).output();
                let output = output.expect("it starts again");
                let outcome = String::from_utf8_lossy(&output.stdout);
                println!("{:20} {:22} {}", tried.name, tried.through, outcome.trim());
            }
        }
    }
}
