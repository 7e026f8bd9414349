//! What the contract demands of one source.

use std::collections::{BTreeSet, VecDeque};
use std::io::ErrorKind;

use super::sources::Does;

/// One source as the contract sees it.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub(super) label: String,
    pub(super) partial: Vec<u8>,
    /// What it has to say, in words.
    pub(super) events: VecDeque<String>,
    pub(super) ended: bool,
    /// The sources that have to be heard before this one is heard again.
    pub(super) owed: BTreeSet<usize>,
}

impl Expected {
    pub(super) fn of(label: &str) -> Expected {
        Expected {
            label: label.to_owned(),
            ..Expected::default()
        }
    }

    pub(super) fn takes(&mut self, does: Does) {
        let Does::Sends(bytes) = does else {
            if !self.partial.is_empty() {
                self.line();
            }
            self.ended = true;
            self.events.push_back(match does {
                Does::Breaks => format!("ended: {:?}", ErrorKind::ConnectionReset),
                _ => "ended".to_owned(),
            });
            return;
        };
        for byte in bytes {
            match byte {
                b'\n' => {
                    if self.partial.ends_with(b"\r") {
                        self.partial.pop();
                    }
                    self.line();
                }
                byte => self.partial.push(*byte),
            }
        }
    }

    fn line(&mut self) {
        let line = std::mem::take(&mut self.partial);
        self.events
            .push_back(format!("{:?}", String::from_utf8_lossy(&line)));
    }
}
