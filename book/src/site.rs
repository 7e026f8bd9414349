//! Where the book is published from, if it is: its pages then link to their sources and to the exercises' files.

use mdbook_driver::MDBook;

/// The address of the repository's files, for a build that GitHub's workflow publishes; `None` for a book on a learner's machine.
///
/// The workflow sets `BOOK_PUBLISHED`; the other two variables are GitHub's own.
pub(crate) fn repository() -> Option<String> {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    set("BOOK_PUBLISHED")?;
    address(
        set("GITHUB_SERVER_URL").as_deref(),
        &set("GITHUB_REPOSITORY")?,
    )
}

fn address(server: Option<&str>, repository: &str) -> Option<String> {
    let server = server.unwrap_or("https://github.com");
    (repository.split('/').count() == 2).then(|| format!("{server}/{repository}"))
}

/// How a reader of a published book gets the course, as Markdown; nothing on a learner's machine, where it is already.
pub(crate) fn clone() -> String {
    repository().map_or_else(String::new, |repository| clone_of(&repository))
}

fn clone_of(repository: &str) -> String {
    let folder = repository.rsplit('/').next().unwrap_or_default();
    format!("Clone the course:\n\n```console\n$ git clone {repository}\n$ cd {folder}\n```\n")
}

/// Gives each page of a published book its links to the repository: *Edit this page*, and the repository itself.
///
/// # Errors
///
/// If mdBook refuses the settings.
pub(crate) fn link(book: &mut MDBook) -> anyhow::Result<()> {
    let Some(repository) = repository() else {
        return Ok(());
    };
    let edit = format!("{repository}/edit/main/book/{{path}}");
    book.config.set("output.html.edit-url-template", edit)?;
    book.config
        .set("output.html.git-repository-url", repository)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{address, clone_of};

    #[test]
    fn a_reader_of_a_published_book_learns_how_to_clone_it() {
        assert_eq!(
            clone_of("https://github.com/owner/course"),
            "Clone the course:\n\n```console\n$ git clone https://github.com/owner/course\n$ cd course\n```\n"
        );
    }

    #[test]
    fn a_repository_has_an_owner_and_a_name() {
        let github = Some("https://github.com/owner/course".to_owned());
        assert_eq!(address(None, "owner/course"), github);
        assert_eq!(address(None, "course"), None);
        assert_eq!(
            address(Some("https://git.example"), "owner/course").as_deref(),
            Some("https://git.example/owner/course")
        );
    }
}
