/* Passkeys: ask the server for a challenge, the browser for an answer, and send it as an ordinary form.
   Also fills in an invitation from the part of the address that no server ever sees. */
(() => {
  "use strict";

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const CALLS = {
    get: async (asked) => {
      const publicKey = { ...asked, challenge: bytes(asked.challenge) };
      publicKey.allowCredentials = (asked.allowCredentials ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
      const made = await navigator.credentials.get({ publicKey });
      const { clientDataJSON, authenticatorData, signature, userHandle } = made.response;
      return answer(made, {
        clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature),
        userHandle: userHandle ? text(userHandle) : null,
      });
    },
    create: async (asked) => {
      const publicKey = { ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) } };
      publicKey.excludeCredentials = (asked.excludeCredentials ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
      const made = await navigator.credentials.create({ publicKey });
      const { clientDataJSON, attestationObject } = made.response;
      return answer(made, { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) });
    },
  };
  const answer = (made, response) => JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });

  // What went wrong -> where the form says it, in the page's language.
  const SENTENCES = { NotAllowedError: "notGiven", InvalidStateError: "hasOne" };

  async function challenge(form) {
    const reply = await fetch(form.dataset.challenge, {
      method: "POST",
      headers: { "Accept": "application/json", "X-CSRFToken": form.elements.csrf_token.value },
    });
    const body = await reply.json();
    if (!reply.ok) throw Object.assign(new Error(), { said: body.refusal });
    return body;
  }

  const known = Boolean(window.PublicKeyCredential);
  for (const part of document.querySelectorAll("[data-passkeys]")) part.hidden = !known;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("[data-ask]"), says = form.querySelector("[data-says]");
    button.addEventListener("click", async () => {
      button.setAttribute("aria-disabled", "true");
      says.textContent = "";
      try {
        form.elements[form.dataset.answer].value = await CALLS[form.dataset.passkey](await challenge(form));
        form.submit();
      } catch (error) {
        says.textContent = error.said || form.dataset[SENTENCES[error.name] ?? "failed"];
        button.removeAttribute("aria-disabled");
      }
    });
  }

  const invitation = document.querySelector("[data-from-address]");
  if (invitation && location.hash.length > 1) {
    invitation.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
  }
})();
