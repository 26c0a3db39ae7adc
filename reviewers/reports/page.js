"use strict";
(() => {
  const cards = () => [...document.querySelectorAll(".card")].filter((card) => card.offsetParent !== null);
  let here = null;
  const go = (card) => {
    const mark = card && document.getElementById("m" + card.id.slice(1));
    document.querySelectorAll(".here").forEach((old) => old.classList.remove("here"));
    here = card;
    if (!card) return;
    card.classList.add("here");
    card.scrollIntoView({ block: "nearest" });
    if (mark) { mark.classList.add("here"); mark.scrollIntoView({ block: "center" }); }
  };
  const step = (by) => {
    const shown = cards();
    if (!shown.length) return;
    const at = shown.indexOf(here);
    go(shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : (at + by + shown.length) % shown.length]);
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j" || event.key === "n") step(1);
    else if (event.key === "k" || event.key === "p") step(-1);
    else if ("123".includes(event.key)) document.querySelectorAll(".pick")[Number(event.key) - 1].checked = true;
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link) return;
    event.preventDefault();
    go(document.getElementById("f" + link.getAttribute("href").slice(2)));
  });
  const steps = document.querySelector(".steps");
  for (const [words, by] of [["↑ 上一条 K", -1], ["↓ 下一条 J", 1]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", () => step(by));
    steps.append(button);
  }
})();
