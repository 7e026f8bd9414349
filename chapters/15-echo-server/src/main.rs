//! The echo server: see `--help`.

use std::process::ExitCode;

use clap::Parser;
use echo_server::{Options, server};

fn main() -> ExitCode {
    let options = Options::parse();
    match server::run(&options) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("echo server: {error:#}");
            ExitCode::from(2)
        }
    }
}
