"use strict";
// htmx sends the forms, and the page that answers is put where this one was: no reload, and the focus stays.
// Without scripts the browser sends the same forms itself. See "Without a reload" in docs/architecture.md.
(function () {
  const WHOLE = /^\s*<!doctype html/i;
  const SLOW = 1000;
  let busy = false;
  let held = null;
  // Each entry of the history is known by a mark: back on another one, that page is loaded anew.
  let mark = (history.state && history.state.mark) || newMark();
  history.replaceState({ mark }, "");

  function newMark() { return String(performance.timeOrigin + performance.now()); }
  function isShown(element) { return element.checkVisibility({ visibilityProperty: true }); }
  // htmx follows a redirect for the body.
  function isByHand(asker) { return asker === document.body || asker.matches("form"); }
  function isPage(form) { return form.matches("form") && !form.matches("[hx-get], [hx-post]"); }

  function say(words) {
    // A region that has only just come is not listened to yet.
    window.setTimeout(function () { document.getElementById("spoken").textContent = words; }, 100);
  }

  // What somebody is at: known among what comes by its id, else by its form, or where it leads, and its words.
  function traits(element) {
    const form = element.form ? element.form.getAttribute("action") : element.getAttribute("href");
    return { id: element.id, form, words: [element.name, element.value, element.textContent.trim()].join() };
  }

  function sameAs(known) {
    if (!known) return null;
    const named = known.id && document.getElementById(known.id);
    if (known.id) return named && isShown(named) ? named : null;
    const like = Array.from(document.querySelectorAll("form button, a[href]")).filter(function (one) {
      return isShown(one) && traits(one).form === known.form;
    });
    const exact = like.find(function (button) { return traits(button).words === known.words; });
    // A button that offers the way back is still the same one; without an address of its own it is not.
    return exact || (known.form && like.length === 1 ? like[0] : null);
  }

  function begin(form, submitter) {
    const active = form.contains(document.activeElement) ? document.activeElement : submitter;
    busy = true;
    held = active ? traits(active) : null;
    form.setAttribute("aria-busy", "true");
    window.setTimeout(function () {
      const spoken = document.getElementById("spoken");
      if (busy && form.isConnected) spoken.textContent = spoken.dataset.busy;
    }, SLOW);
  }

  function end() {
    busy = false;
    document.querySelectorAll("form[aria-busy]").forEach(function (form) { form.removeAttribute("aria-busy"); });
  }

  function sheets(head) {
    return Array.from(head.querySelectorAll("link[rel=stylesheet]"), function (link) { return link.getAttribute("href"); });
  }

  // Before the page is shown: one that is dressed afterwards would jump.
  function dressed(page) {
    const here = sheets(document.head);
    const missing = sheets(page.head).filter(function (href) { return !here.includes(href); });
    return Promise.all(missing.map(function (href) {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = href;
      document.head.append(link);
      return new Promise(function (done) { link.onload = link.onerror = done; });
    }));
  }

  function put(page) {
    const wanted = sheets(page.head);
    document.title = page.title;
    ["lang", "data-theme"].forEach(function (name) {
      document.documentElement.setAttribute(name, page.documentElement.getAttribute(name));
    });
    document.body.replaceChildren(...page.body.childNodes);
    document.head.querySelectorAll("link[rel=stylesheet]").forEach(function (link) {
      if (!wanted.includes(link.getAttribute("href"))) link.remove();
    });
    page.head.querySelectorAll("script[src]").forEach(function (script) {
      const src = script.getAttribute("src");
      if (document.head.querySelector("script[src='" + src + "']")) return;
      document.head.append(Object.assign(document.createElement("script"), { src }));
    });
    htmx.process(document.body);
    document.dispatchEvent(new Event("page:shown"));
  }

  function to(element, words) {
    if (!element.matches("a, button, input, select, textarea")) element.tabIndex = -1;
    element.focus({ preventScroll: true });
    if (words) say(words);
  }

  function findPlace(status, stays, scrolled) {
    const main = document.getElementById("main");
    const heading = main.querySelector("h1") || main;
    // What is put there anew every second holds no focus.
    const landing = heading.closest("[hx-get]") ? main : heading;
    const told = "[data-told]" + (status === 422 ? ", [role=alert]" : "");
    const message = Array.from(main.querySelectorAll(told)).find(isShown);
    const wrong = Array.from(main.querySelectorAll("[aria-invalid=true], .form-error")).find(isShown);
    const part = location.hash && document.getElementById(location.hash.slice(1));
    const same = stays && sameAs(held);
    const first = Array.from(main.querySelectorAll("[autofocus]")).find(isShown);
    const words = message ? message.textContent.trim() : "";
    window.scrollTo({ top: stays ? scrolled : 0, behavior: "instant" });
    if (wrong) to(wrong);
    else if (same) to(same, words);
    else if (part) to(part, words);
    else if (message) to(message);
    else if (first) to(first, heading.textContent.trim());
    else to(landing);
    // Only to what is new, and only where it is out of sight.
    const news = (wrong && wrong.closest(".field")) || wrong || message || part;
    if (news) news.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  // Without the answer's own address, the page it was asked from: of what was refused, there is nothing to load again.
  function addressOf(detail, page) {
    const { xhr, requestConfig, pathInfo } = detail;
    const refused = xhr.status >= 400 && xhr.status !== 422;
    if (requestConfig.verb !== "get" && (refused || page.title === document.title)) return location.href;
    return xhr.responseURL + (pathInfo.anchor ? "#" + pathInfo.anchor : "");
  }

  function headingOf(page) {
    const heading = page.querySelector("#main h1");
    return heading ? heading.textContent.trim() : "";
  }

  async function show(detail) {
    const page = new DOMParser().parseFromString(detail.xhr.responseText, "text/html");
    await dressed(page);
    const address = addressOf(detail, page), before = location.pathname, scrolled = window.scrollY;
    const another = address.split("#")[0] !== location.href.split("#")[0] || page.title !== document.title;
    // A step that was refused has the address of the one that follows it: that one begins at its top all the same.
    const alike = headingOf(page) === headingOf(document);
    mark = newMark();
    history[another ? "pushState" : "replaceState"]({ mark }, "", address);
    put(page);
    end();
    const { status } = detail.xhr;
    findPlace(status, alike && location.pathname === before && (status < 400 || status === 422), scrolled);
  }

  // A part that is put there anew every second takes no focus away.
  function keepFocus(swapped, done) {
    let was = null;
    document.addEventListener(swapped, function (event) {
      const active = document.activeElement;
      was = active !== document.body && event.detail.target.contains(active) ? traits(active) : null;
    });
    document.addEventListener(done, function () {
      const same = document.activeElement === document.body && sameAs(was);
      if (same) to(same);
    });
  }

  keepFocus("htmx:beforeSwap", "htmx:afterSwap");
  keepFocus("htmx:oobBeforeSwap", "htmx:oobAfterSwap");

  // One press is sent once, until the page that answers it is there.
  document.addEventListener("htmx:confirm", function (event) {
    if (busy && isPage(event.detail.elt)) event.preventDefault();
  });

  document.addEventListener("htmx:beforeRequest", function (event) {
    const { elt, triggeringEvent } = event.detail.requestConfig;
    if (isPage(elt)) begin(elt, triggeringEvent && triggeringEvent.submitter);
  });

  document.addEventListener("htmx:beforeSwap", function (event) {
    const { xhr, requestConfig } = event.detail;
    // Asked by a page that is gone meanwhile.
    if (!requestConfig.elt.isConnected) event.preventDefault();
    if (!WHOLE.test(xhr.responseText)) return;
    // A page never goes into the middle of another one; what a page asks for by itself, it asks for again.
    event.preventDefault();
    if (isByHand(requestConfig.elt)) show(event.detail);
  });

  document.addEventListener("htmx:afterRequest", function (event) {
    const { xhr, requestConfig } = event.detail;
    const goesOn = xhr.getResponseHeader("HX-Location") || WHOLE.test(xhr.responseText);
    if (isByHand(requestConfig.elt) && !goesOn) end();
  });

  document.addEventListener("htmx:sendError", function (event) {
    if (!isByHand(event.detail.requestConfig.elt)) return;
    const note = document.getElementById("unanswered");
    end();
    document.getElementById("main").prepend(note);
    note.hidden = false;
    to(note);
    note.scrollIntoView({ block: "nearest", behavior: "instant" });
  });

  window.addEventListener("popstate", function (event) {
    if (event.state && event.state.mark && event.state.mark !== mark) location.reload();
  });
})();
