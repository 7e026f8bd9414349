// A link over the table of contents, for readers who go through a page with the keyboard or a screen reader.
"use strict";
const page = document.querySelector("main");
if (page) {
    page.id ||= "page";
    page.tabIndex = -1;
    const link = document.createElement("a");
    link.className = "skip-to-page";
    link.href = `#${page.id}`;
    link.textContent = "Skip to the page";
    document.body.prepend(link);
    if (document.activeElement === document.body && !location.hash) {
        // mdBook scrolls to the page's line in the table of contents, and the Tab key would begin there.
        document.body.tabIndex = -1;
        document.body.focus({ preventScroll: true });
        document.body.removeAttribute("tabindex");
    }
}
