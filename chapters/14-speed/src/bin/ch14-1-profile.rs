//! Prints the profile of the simulated server as a flame graph of text, or folded for other tools.

use std::env;

use speed::profile::STACKS;

fn main() {
    closed_output::end_quietly();
    if env::args().nth(1).as_deref() == Some("folded") {
        for stack in STACKS {
            println!("{} {}", stack.folded, stack.samples);
        }
        return;
    }
    println!(
        "{:<58}{:>7}",
        "one line for each box, its callees below it", "samples"
    );
    draw("", 0);
}

/// Prints the callees of the functions in `prefix`, widest first.
fn draw(prefix: &str, depth: usize) {
    let mut callees: Vec<(&str, u32)> = Vec::new();
    for stack in STACKS {
        let Some(rest) = stack.folded.strip_prefix(prefix) else {
            continue;
        };
        let Some(name) = rest.trim_start_matches(';').split(';').next() else {
            continue;
        };
        match callees.iter_mut().find(|(known, _)| *known == name) {
            _ if name.is_empty() => {}
            Some((_, samples)) => *samples += stack.samples,
            None => callees.push((name, stack.samples)),
        }
    }
    callees.sort_by_key(|(_, samples)| std::cmp::Reverse(*samples));
    for (name, samples) in callees {
        let bar = "█".repeat((samples as usize).div_ceil(40));
        println!(
            "{:<32}{bar:<26}{samples:>7}",
            format!("{}{name}", "  ".repeat(depth))
        );
        let prefix = if prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{prefix};{name}")
        };
        draw(&prefix, depth + 1);
    }
}
