//! Where `await` may not stand, what rustc says there, and that it accepts what the page offers instead.

use std::fs;
use std::path::Path;

#[path = "where_await/rustc.rs"]
mod rustc;

#[test]
fn rustc_refuses_await_where_the_page_says_so_and_in_these_words() {
    for name in [
        "plain_function",
        "closure",
        "main",
        "drop",
        "async_drop",
        "constant",
        "const_function",
        "trait_object",
        "recursion",
    ] {
        let error = rustc::first_error(name, &text("refused", name));
        let error = error.unwrap_or_else(|| panic!("{name} compiles"));
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("where_await__{name}"), error);
        });
    }
}

#[test]
fn what_the_page_offers_instead_compiles() {
    for name in [
        "block_on",
        "async_block",
        "async_closure",
        "for_loop",
        "close",
        "argument",
        "trait_method",
        "boxed_method",
        "boxed_recursion",
    ] {
        let error = rustc::first_error(name, &text("instead", name));
        assert_eq!(error, None, "{name}");
    }
}

/// The text of a file beside this one.
fn text(folder: &str, name: &str) -> String {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/where_await");
    fs::read_to_string(files.join(folder).join(format!("{name}.rs"))).unwrap()
}
