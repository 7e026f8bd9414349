//! How a test keeps a play: the source is named, and not repeated.
//!
//! A kept play names the file, the part of it that is shown, and a hash of that part's code. A step names its line by its place among
//! the part's lines of code. Empty lines and comments count for neither, so a comment that is changed leaves what is kept as it was.

use crate::play::{Play, Source};

impl Play {
    /// As JSON, a step a line, so that a difference between two can be read. The lines of the source are not in it:
    /// [`Play::with_source`] takes them in again.
    ///
    /// # Panics
    ///
    /// Never: all of it can be written as JSON.
    #[must_use]
    pub fn json(&self) -> String {
        let mut kept = self.clone();
        if let Some(source) = &mut kept.source {
            let code = source.code();
            for step in &mut kept.steps {
                step.line = step.line.and_then(|line| place_of(&code, line));
            }
            source.hash = source.hash_of_code();
            source.lines.clear();
        }
        kept.written()
    }

    /// The play with the lines of its source, where it was kept without them. `text` gives a file of the course.
    ///
    /// # Errors
    ///
    /// One sentence if the file cannot be read, or if the code is not that of the recording.
    pub fn with_source(
        mut self,
        text: impl FnOnce(&str) -> Result<String, String>,
    ) -> Result<Play, String> {
        let Some(kept) = self.source.as_ref().filter(|kept| kept.lines.is_empty()) else {
            return Ok(self);
        };
        let source = Source::anchored(&kept.path, &text(&kept.path)?, &kept.part);
        if source.hash_of_code() != kept.hash {
            return Err(format!(
                "the run was recorded from other code than that of {}: run the chapter's tests with INSTA_UPDATE=always",
                kept.path
            ));
        }
        let code = source.code();
        for step in &mut self.steps {
            let place = step.line.and_then(|place| place.checked_sub(1));
            step.line = place.and_then(|place| code.get(place as usize).copied());
        }
        self.source = Some(source);
        Ok(self)
    }
}

/// The place of a line among the lines of code, from 1.
fn place_of(code: &[u32], line: u32) -> Option<u32> {
    let place = code.iter().position(|of_code| *of_code == line)?;
    u32::try_from(place + 1).ok()
}

impl Source {
    /// The numbers of the lines of code.
    fn code(&self) -> Vec<u32> {
        let lines = self.lines.iter().filter(|line| is_code(&line.text));
        lines.map(|line| line.number).collect()
    }

    /// A hash of the lines of code, without their indentation. It is FNV-1a, whose values are the same everywhere: it has to tell an old
    /// version from a new one, and nothing else.
    fn hash_of_code(&self) -> String {
        let lines = self.lines.iter().filter(|line| is_code(&line.text));
        let bytes = lines.flat_map(|line| line.text.trim().bytes().chain([b'\n']));
        let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{hash:016x}")
    }
}

/// Whether a line is neither empty nor a comment.
fn is_code(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with("//")
}
