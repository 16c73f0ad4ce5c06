"use strict";
// The pages work without this file; it only spares a wait and tells screen readers what moved.
(function () {
  // A live region that is replaced every second would talk without end: speak only when the words change.
  function announce() {
    const spoken = document.getElementById("spoken");
    const work = document.querySelector("[data-spoken]");
    if (!spoken || !work) return;
    if (spoken.textContent !== work.dataset.spoken) spoken.textContent = work.dataset.spoken;
    if (work.dataset.title) document.title = work.dataset.title;
  }

  // One job is asked for once: a second press on a slow line must not queue a second backup.
  document.addEventListener("submit", function (event) {
    if (event.defaultPrevented || event.target.method !== "post") return;
    window.setTimeout(function () {
      event.target.querySelectorAll("button[data-once]").forEach(function (button) {
        button.disabled = true;
      });
    }, 0);
  });

  window.addEventListener("pageshow", function () {
    document.querySelectorAll("button[data-once]").forEach(function (button) {
      button.disabled = false;
    });
  });

  function offerPrints() {
    document.querySelectorAll("button[data-print][hidden]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () { window.print(); });
    });
  }

  // Also what came later: a press on the line itself marks it for whoever copies by hand.
  function offerCopies() {
    if (!navigator.clipboard) return;
    document.querySelectorAll("button[data-copy][hidden]").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        // What it names, or the line that it stands beside.
        const named = button.dataset.copy && document.getElementById(button.dataset.copy);
        const text = (named || button.parentElement.querySelector("code")).textContent.trim();
        navigator.clipboard.writeText(text).then(function () {
          button.querySelector("span").textContent = button.dataset.copied;
          document.getElementById("spoken").textContent = button.dataset.copied;
          button.classList.add("done");
        });
      });
    });
  }

  // A slider and its number are one value; only the number is sent.
  function offerSliders() {
    document.querySelectorAll("input[data-slides][hidden]").forEach(function (slider) {
      const field = document.getElementById(slider.dataset.slides);
      if (!field) return;
      slider.hidden = false;
      slider.addEventListener("input", function () {
        field.value = slider.value;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      });
      field.addEventListener("input", function () { slider.value = field.value; });
    });
  }

  // An alarm that is put there anew every second would be read out every second.
  document.addEventListener("htmx:oobBeforeSwap", function (event) {
    const { target, fragment } = event.detail;
    const words = function (node) { return node.textContent.replace(/\s+/g, " ").trim(); };
    if (target.id === "alarm" && words(target) === words(fragment)) event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:afterSwap", announce);
  document.addEventListener("htmx:afterSwap", offerCopies);

  // What an address names may lie in something folded: a browser that reloads leaves it so.
  function unfold() {
    const named = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const folded = named && named.closest("details:not([open])");
    if (folded) folded.open = true;
  }

  window.addEventListener("hashchange", unfold);

  // At first, and again for each page that in_place.js puts here.
  function begin() {
    announce();
    offerCopies();
    offerPrints();
    offerSliders();
    unfold();
  }

  document.addEventListener("page:shown", begin);
  begin();
})();
