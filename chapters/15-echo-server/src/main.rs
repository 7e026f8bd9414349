//! The echo server: see `--help`.

use std::process::ExitCode;

use echo_server::output::complain;
use echo_server::{Options, server};

fn main() -> ExitCode {
    let options = Options::read();
    match server::run(&options) {
        Ok(code) => code,
        Err(error) => {
            complain(format_args!("{error:#}"));
            ExitCode::from(2)
        }
    }
}
