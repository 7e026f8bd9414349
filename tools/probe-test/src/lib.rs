//! The attribute `#[test]` of a judged check: the test says, over a channel of the probe's own, that its last line has run.
//!
//! A check writes plain `#[test]`. The package in which `cargo learn` builds it begins with `#[macro_use(test)] extern crate probe;`,
//! which puts this attribute in the place of the standard one; under plain `cargo test` nothing changes. The crate knows tokens and
//! nothing else: what a mark is stands in `probe::mark`. It parses with `proc_macro` alone, because `syn` would add seconds to a
//! learner's first build.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// The standard `#[test]`, with the function's body between the two halves of `probe::mark`.
///
/// ```text
/// fn countdown_from_three() {
///     let mark = ::probe::mark::begin();   // takes the judge's secret before the learner's code runs
///     (|| -> () { the body })();           // a closure, as the body may return early
///     mark.reached();                      // not reached after a panic or an exit
/// }
/// ```
///
/// The mark is a variable of this function. Safe code in the body cannot read it.
#[proc_macro_attribute]
pub fn test(_arguments: TokenStream, function: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = function.into_iter().collect();
    if let Some(TokenTree::Group(body)) = tokens.pop() {
        tokens.push(TokenTree::Group(between_marks(&body)));
    }
    let mut test = parsed("#[::core::prelude::v1::test]");
    test.extend(tokens);
    test
}

fn between_marks(body: &Group) -> Group {
    let inner = Group::new(Delimiter::Brace, body.stream());
    let mut closure = parsed("|| -> ()");
    closure.extend([TokenTree::Group(inner)]);
    let mut marked = parsed("let mark = ::probe::mark::begin();");
    marked.extend([TokenTree::Group(Group::new(
        Delimiter::Parenthesis,
        closure,
    ))]);
    marked.extend(parsed("(); mark.reached();"));
    let mut group = Group::new(Delimiter::Brace, marked);
    group.set_span(body.span());
    group
}

fn parsed(source: &str) -> TokenStream {
    source.parse().expect("it is Rust")
}
