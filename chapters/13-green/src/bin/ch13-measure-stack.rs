//! How much of a stack has memory: `ch13-measure-stack 1024 4 1,3,2` is a stack of 1024 KiB, 4 nested calls with a frame of
//! 64 KiB each, and then three functions one after the other with 1, 3 and 2 such calls.

use green::stack_use::{Does, measured};

fn main() {
    closed_output::end_quietly();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |text: &str| text.parse::<usize>().unwrap_or_else(|_| usage());
    let stack = arguments.first().map_or(1024, |text| number(text));
    let show = |what: &str, does| println!("{what:44} {:>6} KiB", measured(stack, does));
    println!("a stack of {stack} KiB has memory for");
    show("a green thread that calls nothing large", Does::Calls(0));
    if stack >= 256 {
        show("one with an array of 64 KiB, untouched", Does::Untouched);
    }
    for text in arguments.iter().skip(1) {
        let counts: Vec<usize> = text.split(',').map(number).collect();
        match counts[..] {
            [count] => show(
                &format!("{count} nested calls of 64 KiB each"),
                Does::Calls(count),
            ),
            _ => show(
                &format!("calls of {text} frames, one after another"),
                Does::OneAfterAnother(counts.leak()),
            ),
        }
    }
}

fn usage() -> ! {
    eprintln!("usage: ch13-measure-stack STACK_KIB [FRAMES | FRAMES,FRAMES…]…");
    std::process::exit(2);
}
