// The search box above the tables of mistakes: hides the rows, and then the tables, that do not contain what is typed.
"use strict";
for (const box of document.querySelectorAll("input.filter")) {
    const tables = [...document.querySelectorAll("main table")];
    box.addEventListener("input", () => {
        const wanted = box.value.trim().toLowerCase();
        for (const table of tables) {
            let shown = 0;
            for (const row of table.tBodies[0].rows) {
                row.hidden = !row.textContent.toLowerCase().includes(wanted);
                shown += row.hidden ? 0 : 1;
            }
            const block = table.closest(".table-wrapper") ?? table;
            block.hidden = shown === 0;
            const heading = block.previousElementSibling;
            if (heading?.tagName === "H2") heading.hidden = shown === 0;
        }
    });
}
