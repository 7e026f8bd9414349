//! Why a build failed, in one sentence.

use std::path::Path;

/// The sentence for what cargo said. `log` is where all of it was kept.
pub(crate) fn sentence(said: &str, log: Option<&Path>) -> String {
    let reason = reason(said);
    match log {
        Some(log) => format!("{reason} All that cargo said is in {}.", log.display()),
        None => reason,
    }
}

fn reason(said: &str) -> String {
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if says(&[
        "Read-only file system",
        "Permission denied",
        "Access is denied",
    ]) {
        return "The course's folder cannot be written, so nothing can be built in it.".to_owned();
    }
    if says(&["No space left on device"]) {
        return "The disk is full.".to_owned();
    }
    if says(&["linker `", "link.exe` not found"]) && says(&["not found"]) {
        return "Rust found no linker: install a C compiler (on Debian and Ubuntu: apt install gcc; on macOS: xcode-select \
                --install)."
            .to_owned();
    }
    if says(&[
        "requires rustc",
        "is not supported by the following package",
    ]) {
        return "Your Rust is too old for the course: `rustup update` brings a newer one."
            .to_owned();
    }
    if says(&[
        "failed to download",
        "Could not resolve host",
        "failed to get `",
        "spurious network error",
        "offline",
    ]) {
        return "What the course is made of cannot be downloaded: is the network there?".to_owned();
    }
    let first = said.lines().find(|line| line.starts_with("error"));
    format!(
        "The course's own program cannot be built: {}.",
        first.unwrap_or("cargo did not say why")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_reasons_have_a_sentence() {
        let sentence = |said| sentence(said, None);
        assert!(sentence("error: failed to download `syn`").contains("is the network there?"));
        assert!(
            sentence("error: failed to open: /a/b\nCaused by: Read-only file system (os error 30)")
                .contains("cannot be written")
        );
        assert!(sentence("error: linker `cc` not found").contains("install a C compiler"));
        assert!(
            sentence("error[E0425]: cannot find `x`\n").contains("error[E0425]: cannot find `x`.")
        );
    }
}
