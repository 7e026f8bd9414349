//! The answers of chapter 16. That of a *build* exercise is the chapter's own file, named by its
//! path.

// Generated from chapter.toml: `cargo learn verify --write` writes what follows.
