"use strict";
(() => {
  const body = document.querySelector("tbody");
  const rows = [...body.rows];
  const text = (row, column) => row.cells[column].textContent;
  const order = new Intl.Collator("zh-CN", { numeric: true });
  document.querySelectorAll("thead th").forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      document.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const sorted = [...rows].sort((a, b) => order.compare(text(a, column), text(b, column)));
      body.append(...(down ? sorted.reverse() : sorted));
    });
  });
  const search = document.createElement("input");
  const count = document.createElement("span");
  search.type = "search";
  search.placeholder = "在表中查找";
  search.setAttribute("aria-label", "在表中查找");
  const shown = () => { count.textContent = `显示 ${rows.filter((row) => !row.hidden).length} / ${rows.length} 条`; };
  search.addEventListener("input", () => {
    const words = search.value.trim().toLowerCase().split(/\s+/);
    rows.forEach((row) => { row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word)); });
    shown();
  });
  document.querySelector(".tools").append(search, count);
  shown();
})();
