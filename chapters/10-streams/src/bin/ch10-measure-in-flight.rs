//! Measures 100 requests to a server that works on 8 at a time, for each limit on the command line; or
//! another number of requests, if the first argument is `--requests=NUMBER`.

use streams::in_flight::measure;

fn main() {
    closed_output::end_quietly();
    let mut requests = 100;
    println!("  limit    total  longest  most at the server");
    for argument in std::env::args().skip(1) {
        if let Some(number) = argument.strip_prefix("--requests=") {
            requests = parsed(number);
            continue;
        }
        let limit = parsed(&argument);
        let Ok(limit) = usize::try_from(limit) else {
            refuse(&argument);
        };
        if limit == 0 {
            refuse(&argument);
        }
        let measured = measure(requests, limit);
        println!(
            "{limit:>7} {:>5} ms {:>5} ms  {:>18}",
            measured.total.as_millis(),
            measured.longest.as_millis(),
            measured.most
        );
    }
}

fn parsed(argument: &str) -> u64 {
    match argument.parse() {
        Ok(number) if number <= 100_000 => number,
        _ => refuse(argument),
    }
}

fn refuse(argument: &str) -> ! {
    eprintln!("`{argument}` is no number from 1 to 100,000");
    std::process::exit(2)
}
