//! What a maintainer can write behind `cargo learn verify`.

use std::path::PathBuf;

use bpaf::{OptionParser, Parser, construct, long, positional};

/// The options.
#[derive(Debug, Clone)]
pub(crate) struct Arguments {
    /// Write stubs, checksums and kept runs anew where they are out of date.
    pub(crate) write: bool,
    /// Try every source, also those that were tried before and have not changed.
    pub(crate) cold: bool,
    /// Compile each source in a package of its own, as `cargo learn check` does.
    pub(crate) apart: bool,
    /// Say how long each part took.
    pub(crate) times: bool,
    /// Write there, one line a source, what the check says about it.
    pub(crate) verdicts: Option<PathBuf>,
    /// Only these exercises.
    pub(crate) ids: Vec<String>,
}

/// The grammar of the command line, with the help that it prints.
pub(crate) fn arguments() -> OptionParser<Arguments> {
    let switch = |name: &'static str, about: &'static str| long(name).help(about).switch();
    let write = switch(
        "write",
        "Write stubs, checksums and kept runs anew where they are out of date",
    );
    let cold = switch(
        "cold",
        "Try every source, also those that were tried before and have not changed",
    );
    let apart = switch(
        "apart",
        "Compile each source in a package of its own, as `check` does: slow, and every verdict must be the same",
    );
    let times = switch("times", "Say how long each part took");
    let verdicts = long("verdicts")
        .help("Write one line a source there: what the check says about it")
        .argument("FILE")
        .optional();
    let ids = positional("ID")
        .help("Only these exercises, `1.2`, `countdown` or `generators/countdown`; the book is left out")
        .many();
    construct!(Arguments {
        write,
        cold,
        apart,
        times,
        verdicts,
        ids
    })
    .to_options()
    .usage("Usage: cargo learn verify [OPTIONS] [ID]...")
    .descr("Check everything that the course says about itself, and print one line for each thing that is missing.")
}
