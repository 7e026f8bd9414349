//! The worker of the tests.

use std::io;

use blocking::process_pool::serve;
use serde_json::Value;

fn main() -> io::Result<()> {
    serve(|job: Value| match job["do"].as_str() {
        Some("crash") => std::process::exit(3),
        Some("forever") => loop {
            std::thread::park();
        },
        Some("print") => {
            println!("a worker prints, and its answer is whole");
            Value::Bool(true)
        }
        Some("pid") => std::process::id().into(),
        _ => job,
    })
}
