"use strict";
// In the head and not deferred: a page that is light for a moment before it turns dark hurts at night.
(function () {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function show() {
    const choice = root.dataset.theme;
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
  }

  dark.addEventListener("change", show);
  document.addEventListener("page:shown", show);
  show();
})();
