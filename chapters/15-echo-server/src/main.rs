//! The echo server: see `--help`.

use std::process::ExitCode;

use echo_server::{Options, server};

fn main() -> ExitCode {
    let options = Options::read();
    match server::run(&options) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("echo server: {error:#}");
            ExitCode::from(2)
        }
    }
}
