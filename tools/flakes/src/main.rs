//! Runs the tests again and again on a machine that is kept busy, and counts.
//!
//! It knows how to start a test program. It does not know what the tests test.
//!
//! A test that passes on an idle machine may still depend on who is faster. So every core gets a
//! process that does nothing but count, and beside these the tests' programs run, all of them, as many
//! times as asked for. What fails is printed as it fails, and its whole output kept.

mod busy;
mod programs;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use crate::busy::Busy;
use crate::programs::{Outcome, Program};

/// Runs the tests again and again beside processes that keep every core busy, and prints how many
/// passed and how many did not.
#[derive(Debug, Parser)]
#[command(name = "flakes")]
struct Arguments {
    /// How many times
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    times: u32,

    /// Only this package; may be given several times [default: what `cargo test` tests, but for the
    /// command line, whose tests are builds]
    #[arg(long, value_name = "NAME")]
    package: Vec<String>,

    /// Keeps one core busy until it is ended
    #[arg(long, hide = true)]
    count: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.count {
        busy::count();
    }
    let programs = programs::build(&arguments.package)?;
    let _busy = Busy::start()?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/flakes");
    let (mut passed, mut failed) = (0, 0);
    let start = Instant::now();
    for time in 1..=arguments.times {
        for program in &programs {
            match program.run()? {
                Outcome::Passed(tests) => passed += tests,
                Outcome::Failed(output) => {
                    failed += 1;
                    keep(&folder, time, program, &output)?;
                }
            }
        }
        let seconds = start.elapsed().as_secs();
        println!(
            "{time} of {}: {passed} tests passed, {failed} programs failed ({seconds} s)",
            arguments.times
        );
    }
    println!(
        "{} programs, {} times each, with every core kept busy: {passed} tests passed, {failed} \
         programs failed",
        programs.len(),
        arguments.times
    );
    Ok(ExitCode::from(u8::from(failed > 0)))
}

fn keep(folder: &Path, time: u32, program: &Program, output: &str) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let file = folder.join(format!("{}-{time}.txt", program.name));
    fs::write(&file, output)?;
    println!("{} failed: {}", program.name, file.display());
    Ok(())
}
