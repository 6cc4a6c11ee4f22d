// Open a sealed page: passphrase to key (PBKDF2), key to text (AES-GCM), all by the browser's own cryptography.
"use strict";
(function () {
  const form = document.getElementById("seal-form");
  const told = document.getElementById("seal-told");
  const bytes = (name) =>
    Uint8Array.from(atob(document.getElementById("seal-" + name).textContent), (sign) => sign.charCodeAt(0));
  if (!window.crypto || !window.crypto.subtle) {
    told.textContent = form.dataset.insecure;
    form.querySelector("button").disabled = true;
    return;
  }
  if (!window.DecompressionStream) told.textContent = form.dataset.missing;
  const open = async (phrase) => {
    const raw = new TextEncoder().encode(phrase.normalize("NFC"));
    const base = await crypto.subtle.importKey("raw", raw, "PBKDF2", false, ["deriveKey"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes("salt"), iterations: Number(form.dataset.rounds) };
    const key = await crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    const lock = { name: "AES-GCM", iv: bytes("nonce"), additionalData: bytes("label") };
    const framed = new Uint8Array(await crypto.subtle.decrypt(lock, key, bytes("body")));
    const length = new DataView(framed.buffer).getUint32(0);
    const packed = new Blob([framed.subarray(4, 4 + length)]).stream();
    return new Response(packed.pipeThrough(new DecompressionStream("deflate"))).text();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    told.textContent = form.dataset.working;
    open(document.getElementById("seal-phrase").value).then(
      (page) => {
        document.open();
        document.write(page);
        document.close();
      },
      () => {
        told.textContent = form.dataset.wrong;
      }
    );
  });
})();
