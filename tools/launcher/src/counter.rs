//! Cargo's progress bar, read and shown in the course's own words.

use std::io::{IsTerminal as _, Write as _};
use std::time::Instant;

use crate::parts::Parts;

const BAR: usize = 24;

/// Follows a build on standard error.
pub(crate) struct Counter {
    parts: Parts,
    begun: Instant,
    in_a_terminal: bool,
    said: bool,
}

impl Counter {
    pub(crate) fn new(parts: Parts) -> Counter {
        Counter {
            parts,
            begun: Instant::now(),
            in_a_terminal: std::io::stderr().is_terminal(),
            said: false,
        }
    }

    /// Takes in a piece of what cargo wrote: shows it if it is progress, and says whether it was.
    pub(crate) fn take_in(&mut self, piece: &str) -> bool {
        if let Some((done, all)) = steps(piece) {
            self.announce(all - done);
            self.draw(&format!(
                "Building the course: {done} of {all} steps {}{}",
                bar(done, all),
                self.left(done, all)
            ));
            return true;
        }
        let piece = piece.trim_start();
        if piece.starts_with("Downloading") || piece.starts_with("Updating") {
            self.draw("Building the course: downloading what it needs");
            return true;
        }
        false
    }

    /// Leaves a clean line.
    pub(crate) fn finish(&mut self) {
        self.draw("");
    }

    /// Says once what is going on, unless only a little is to be built.
    fn announce(&mut self, steps: usize) {
        const A_FEW: usize = 5;
        if self.said || steps < A_FEW {
            return;
        }
        self.said = true;
        self.draw("");
        let what = match self.parts {
            Parts::WithoutScreen => "Cargo first compiles the course's own program",
            Parts::All => "Cargo compiles the program's full screen",
        };
        // A line for each sentence: each fits into 80 columns.
        eprintln!("{what}, once, in {steps} steps.");
        eprintln!("Ctrl-C is safe: the next `cargo learn` goes on from there.");
    }

    fn left(&self, done: usize, all: usize) -> String {
        let passed = self.begun.elapsed().as_secs_f64();
        if done * 5 < all || passed < 2.0 {
            return String::new();
        }
        #[expect(clippy::cast_precision_loss, reason = "these are small numbers")]
        let left = passed / done as f64 * (all - done) as f64;
        format!(" about {left:.0} s left")
    }

    fn draw(&self, line: &str) {
        if self.in_a_terminal {
            let _ = write!(std::io::stderr(), "\r\u{1b}[K{line}");
            let _ = std::io::stderr().flush();
        }
    }
}

/// The two numbers of `Building [====>    ] 34/58: syn`.
fn steps(piece: &str) -> Option<(usize, usize)> {
    let (_, rest) = piece
        .trim_start()
        .strip_prefix("Building")?
        .split_once("] ")?;
    let (done, rest) = rest.split_once('/')?;
    let all: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let (done, all) = (done.trim().parse().ok()?, all.parse().ok()?);
    (done <= all).then_some((done, all))
}

fn bar(done: usize, all: usize) -> String {
    let full = done * BAR / all.max(1);
    format!("▕{}{}▏", "█".repeat(full), " ".repeat(BAR - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_are_read_from_cargos_bar() {
        assert_eq!(
            steps("    Building [=====>     ] 34/58: syn, serde"),
            Some((34, 58))
        );
        assert_eq!(steps("   Compiling syn v2.0.0"), None);
        assert_eq!(steps("    Building [=====>     ] x"), None);
    }
}
