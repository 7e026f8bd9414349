//! An iterator that has something to say at its end, and no caller to receive it.

// ANCHOR: machine
/// Makes tea, and suspends wherever it has to wait.
enum Tea {
    Created,
    Boiling,
    Steeping { leaves: u32 },
    Complete,
}

impl Iterator for Tea {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        match self {
            Tea::Created => {
                *self = Tea::Boiling;
                Some("wait for the water")
            }
            Tea::Boiling => {
                *self = Tea::Steeping { leaves: 3 };
                Some("wait for the leaves")
            }
            Tea::Steeping { leaves } => {
                println!("    tea: has a pot from {leaves} spoons");
                *self = Tea::Complete;
                None
            }
            Tea::Complete => None,
        }
    }
}
// ANCHOR_END: machine

// ANCHOR: caller
fn main() {
    closed_output::end_quietly();
    let mut tea = Tea::Created;
    for why in &mut tea {
        println!("caller: it has paused: {why}");
    }
    println!(
        "caller: it has ended, and its last word is {:?}",
        tea.next()
    );
}
// ANCHOR_END: caller
