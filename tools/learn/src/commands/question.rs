//! Asking before something is done that a learner may not want.

use std::io::{IsTerminal as _, Write as _};

use anyhow::{Result, bail};

/// Asks a question in the terminal, and returns whether the answer is yes.
///
/// # Errors
///
/// `otherwise`, a sentence that says how to go on, where no terminal can answer.
pub(super) fn ask(question: &str, otherwise: &str) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("{otherwise}");
    }
    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}
