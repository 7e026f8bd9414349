//! An instrument: the sizes of three functions' machines, with a buffer of 4,096 bytes.

use state_machines::sizes::with_a_buffer;

fn main() {
    closed_output::end_quietly();
    let names = ["used_after", "used_before", "in_a_block"];
    for (name, bytes) in names.iter().zip(with_a_buffer()) {
        println!("{name:<12}{bytes:>6} bytes");
    }
}
