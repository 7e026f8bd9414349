//! Which parts of the command line are built: a learner's first verdict does not wait for the watch mode's screen.

use std::ffi::OsString;
use std::io::IsTerminal as _;

use crate::place::Place;

/// The parts of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parts {
    /// What every command needs but the watch mode.
    WithoutScreen,
    /// The watch mode's full screen, too.
    All,
}

impl Parts {
    /// The parts that this start needs. Once the screen is there it stays: the two programs would take turns at one place.
    pub(crate) fn wanted(place: &Place) -> Parts {
        let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
        let in_a_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        if place.stamp(Parts::All).exists() || in_a_terminal && watches(&arguments) {
            Parts::All
        } else {
            Parts::WithoutScreen
        }
    }

    /// How cargo is told.
    pub(crate) fn for_cargo(self) -> &'static [&'static str] {
        match self {
            Parts::WithoutScreen => &["--no-default-features"],
            Parts::All => &[],
        }
    }
}

/// Whether these arguments start the watch mode.
fn watches(arguments: &[OsString]) -> bool {
    let asks_for_help = arguments
        .iter()
        .any(|word| word == "--help" || word == "-h");
    let mut words = arguments.iter().filter(|word| *word != "--poll");
    !asks_for_help && words.next().is_none_or(|word| word == "watch")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_watch_mode_needs_the_screen() {
        let watches = |line: &str| {
            let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            watches(&words)
        };
        for line in ["", "--poll", "watch", "--poll watch 1.2", "watch --poll"] {
            assert!(watches(line), "{line}");
        }
        for line in [
            "check",
            "check watch",
            "list --json",
            "--help",
            "watch --help",
        ] {
            assert!(!watches(line), "{line}");
        }
    }
}
