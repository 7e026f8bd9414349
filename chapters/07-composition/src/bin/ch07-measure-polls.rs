//! Counts the polls of a join's children, for each number of children on the command line.

use composition::polls::{Finish, Wakers, polls};

fn main() {
    closed_output::end_quietly();
    println!("children   one waker,   one waker,   a waker each,");
    println!("           one by one      at once      one by one");
    for argument in std::env::args().skip(1) {
        let Ok(children) = argument.parse() else {
            eprintln!("`{argument}` is no number of children");
            std::process::exit(2);
        };
        if children > 20_000 {
            eprintln!("{children} are too many: 20,000 take a second already");
            std::process::exit(2);
        }
        println!(
            "{children:>8} {:>12} {:>12} {:>15}",
            polls(children, Wakers::OneForAll, Finish::OneByOne),
            polls(children, Wakers::OneForAll, Finish::AtOnce),
            polls(children, Wakers::OneEach, Finish::OneByOne),
        );
    }
}
