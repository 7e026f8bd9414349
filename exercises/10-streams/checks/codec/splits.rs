//! Bodies that are cut short or into pieces, and every short input.

use super::BODY;
use super::world::{Feed, judge};
use probe::random::Random;
use probe::run;
use streams::splits::{every_split, random_splits};

#[test]
fn the_end_of_the_input_within_the_body_is_an_error() {
    for end in 0..BODY.len() {
        let mut feed = Feed::new(run!(), 100);
        feed.piece(&BODY[..end]);
        if feed.finish().is_ok() {
            feed.run.diagnose(
                "truncation-unnoticed",
                format!(
                    "The input ended after {} of the {} bytes of the body, and `finish` returned no error. The caller takes a part of the \
                     body for the whole.",
                    end,
                    BODY.len()
                ),
            );
        }
        judge(&BODY[..end], &[], 100);
    }
}

#[test]
fn every_split_gives_the_same_frames() {
    let bodies: [&[u8]; 5] = [
        b"2\r\nab\r\n0\r\n\r\nX",
        b"1\r\n\r\r\n0\r\n\r\n",
        b"2;\r\n\r\n\r\n0\r\na\r\n",
        b"1\r\n\n\r\n3\r\n",
        b"00\r\nab\r\n\r\n\r\n",
    ];
    for body in bodies {
        for ends in every_split(body.len().min(11)) {
            judge(body, &ends, 2);
        }
    }
    for ends in random_splits(BODY.len(), 300, 10) {
        judge(BODY, &ends, 6);
    }
}

#[test]
fn every_short_input_gives_what_the_contract_says() {
    const LETTERS: &[u8] = b"\r\n01;x";
    let mut layer = vec![Vec::new()];
    for _ in 0..5 {
        let longer = |text: &Vec<u8>| {
            LETTERS
                .iter()
                .map(|&byte| [&text[..], &[byte]].concat())
                .collect::<Vec<_>>()
        };
        layer = layer.iter().flat_map(longer).collect();
        for text in &layer {
            judge(text, &[], 1);
            let body = [b"1\r\n", &text[..], b"\r\n"].concat();
            judge(&body, &[3, 4], 1);
        }
    }
}

#[test]
fn random_splits_of_a_long_body_give_the_same_frames() {
    let mut random = Random::seeded(10);
    let mut body = Vec::new();
    for size in [1, 255, 256, 4_095, 65_535, 65_536, 100_000] {
        body.extend(format!("{size:X};n={}\r\n", random.below(1_000)).bytes());
        body.extend((0..size).map(|_| *random.pick(b"\r\n0;x\xff")));
        body.extend(b"\r\n");
    }
    body.extend(b"0\r\n\r\nHTTP/1.1 200 OK\r\n");
    for ends in random_splits(body.len(), 3, 10) {
        judge(&body, &ends, 100_000);
    }
}
