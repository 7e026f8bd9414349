//! Cargo's progress bar, read while it builds.

use std::io::{self, Read};

/// Reads what cargo writes to standard error until it ends, and returns the last line that is no progress. `each` is told how
/// many steps are done, and how many there are.
pub(super) fn follow(
    mut source: impl Read,
    mut each: impl FnMut(usize, usize),
) -> io::Result<String> {
    let mut last = String::new();
    let mut piece = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let length = source.read(&mut buffer)?;
        for byte in &buffer[..length] {
            // A bar ends with a carriage return.
            if !matches!(byte, b'\n' | b'\r') {
                piece.push(*byte);
                continue;
            }
            let text = String::from_utf8_lossy(&std::mem::take(&mut piece)).into_owned();
            match steps(&text) {
                Some((done, all)) => each(done, all),
                None if text.trim().is_empty() => {}
                None => last = text.trim().to_owned(),
            }
        }
        if length == 0 {
            return Ok(last);
        }
    }
}

/// The two numbers of `Building [====>    ] 34/58: syn`.
fn steps(piece: &str) -> Option<(usize, usize)> {
    let (_, rest) = piece.split_once("Building [")?.1.split_once("] ")?;
    let (done, rest) = rest.split_once('/')?;
    let all: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((done.trim().parse().ok()?, all.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_told_and_the_last_word_is_kept() {
        let said = "   Compiling a v1\n\r    Building [=>   ] 1/3: a\r    Building [==>  ] 2/3: b\rerror: no\n\r\n";
        let mut seen = Vec::new();
        let last = follow(said.as_bytes(), |done, all| seen.push((done, all))).unwrap();
        assert_eq!(seen, [(1, 3), (2, 3)]);
        assert_eq!(last, "error: no");
    }
}
