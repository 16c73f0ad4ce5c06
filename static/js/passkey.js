"use strict";
// Passkeys are the one thing that needs a script. Where the browser has none, their forms stay hidden.
(function () {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) { return letter.charCodeAt(0); });
  }

  function text(buffer) {
    const plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function listed(credentials) {
    return (credentials || []).map(function (one) { return Object.assign({}, one, { id: bytes(one.id) }); });
  }

  // What the server asks for travels as text; the browser wants bytes.
  function asked(options) {
    const key = Object.assign({}, options.publicKey);
    key.challenge = bytes(key.challenge);
    if (key.user) key.user = Object.assign({}, key.user, { id: bytes(key.user.id) });
    if (key.allowCredentials) key.allowCredentials = listed(key.allowCredentials);
    if (key.excludeCredentials) key.excludeCredentials = listed(key.excludeCredentials);
    return { publicKey: key };
  }

  function answered(credential) {
    const given = credential.response;
    const response = { clientDataJSON: text(given.clientDataJSON) };
    ["attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (given[name]) response[name] = text(given[name]);
    });
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: response,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  }

  async function options(form) {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const answer = await fetch(form.dataset.optionsAt, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("no question to answer");
    return answer.json();
  }

  async function ask(form, send) {
    const problem = form.querySelector("[data-passkey-problem]");
    const button = form.querySelector("button[type=submit]");
    problem.hidden = true;
    button.disabled = true;
    try {
      const wanted = asked(await options(form));
      const credential = await navigator.credentials[form.dataset.passkey](wanted);
      form.elements.credential.value = answered(credential);
      send();
    } catch (error) {
      problem.hidden = false;
    }
    button.disabled = false;
  }

  function bind(form) {
    form.hidden = false;
    // What htmx sends waits for the answer; at the door the browser sends it.
    if (form.closest("[hx-boost]").getAttribute("hx-boost") === "true") {
      form.addEventListener("htmx:confirm", function (event) {
        event.preventDefault();
        ask(form, function () { event.detail.issueRequest(true); });
      });
      return;
    }
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      ask(form, function () { form.submit(); });
    });
  }

  function begin() {
    const forms = document.querySelectorAll("form[data-passkey]");
    forms.forEach(bind);
    if (!forms.length) return;
    document.querySelectorAll("[data-passkey-absent]").forEach(function (note) { note.hidden = true; });
  }

  document.addEventListener("page:shown", begin);
  begin();
})();
