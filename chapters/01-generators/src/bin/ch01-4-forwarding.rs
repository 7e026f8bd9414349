//! A generator that passes on what another one yields, and only that.

use generators::interview::Interview;
use generators::{Generator, Step};

// ANCHOR: machine
/// Lets an interview ask its questions.
struct Survey {
    interview: Interview,
}

impl Generator<&'static str> for Survey {
    type Yield = &'static str;
    type Return = &'static str;

    fn resume(&mut self, _sent: &'static str) -> Step<&'static str, &'static str> {
        match self.interview.resume("") {
            Step::Yielded(question) => Step::Yielded(question),
            Step::Complete(sentence) => {
                println!("    survey: the interview has ended with {sentence:?}");
                Step::Complete("thank you")
            }
        }
    }
}
// ANCHOR_END: machine

// ANCHOR: caller
fn main() {
    let mut survey = Survey {
        interview: Interview::new(),
    };
    for sent in ["good morning", "Ada", "London"] {
        println!("caller: sends {sent:?}");
        match survey.resume(sent) {
            Step::Yielded(question) => println!("caller: is asked {question:?}"),
            Step::Complete(result) => println!("caller: it has completed: {result:?}"),
        }
    }
}
// ANCHOR_END: caller
