//! A generator that passes on what another one yields, and only that.

use generators::interview::Interview;
use generators::{Generator, Step};

// ANCHOR: machine
type Text = &'static str;

/// Lets an interview ask its questions.
pub(crate) struct Survey<I> {
    pub(crate) interview: I,
}

impl<I> Generator<Text> for Survey<I>
where
    I: Generator<Text, Yield = Text, Return = String>,
{
    type Yield = Text;
    type Return = Text;

    fn resume(&mut self, _sent: Text) -> Step<Text, Text> {
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
    closed_output::end_quietly();
    answer(Survey {
        interview: Interview::new(),
    });
}

pub(crate) fn answer(mut survey: impl Generator<Text, Yield = Text, Return = Text>) {
    for sent in ["good morning", "Ada", "London"] {
        println!("caller: sends {sent:?}");
        match survey.resume(sent) {
            Step::Yielded(question) => println!("caller: is asked {question:?}"),
            Step::Complete(result) => println!("caller: it has completed: {result:?}"),
        }
    }
}
// ANCHOR_END: caller
