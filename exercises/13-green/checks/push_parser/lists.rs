//! Nested lists of numbers, parsed by a function that calls itself.

use std::io::Read;

/// A list as it is written: `[1,[20,[3]],4]`. It reads a byte at a time, and none behind the last bracket.
pub(super) fn list(input: &mut impl Read) -> String {
    match byte(input) {
        Some(b'[') => items(input),
        other => format!("no list: {other:?}"),
    }
}

fn items(input: &mut impl Read) -> String {
    let mut text = "[".to_owned();
    loop {
        match byte(input) {
            Some(b'[') => text += &items(input),
            Some(b']') => return text + "]",
            Some(letter) => text.push(letter.into()),
            None => return text + "…",
        }
    }
}

fn byte(input: &mut impl Read) -> Option<u8> {
    let mut one = [0];
    let read = input.read(&mut one).expect("it has no errors");
    (read == 1).then_some(one[0])
}
