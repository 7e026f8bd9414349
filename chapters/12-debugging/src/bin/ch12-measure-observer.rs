//! How often the loop calls its observer, and how often it reads the clock for it. The arguments are numbers
//! of tasks.

use debugging::price::{of_a_task, of_an_iteration};

fn main() {
    closed_output::end_quietly();
    println!("one task, from its spawn to its end in the first poll, and its iteration");
    print!("{}", of_a_task(true));
    let numbers = std::env::args().skip(1);
    let numbers: Vec<u64> = numbers.filter_map(|number| number.parse().ok()).collect();
    for tasks in numbers {
        println!("\none iteration, in which {tasks} tasks are polled and wake themselves");
        print!("{}", of_an_iteration(tasks, true));
    }
}
