// The small work that a form brings along, done while somebody types; without it the form is only taken a little slower.
// It is a number whose hash together with the form's mark begins with so many zero bits (mpp/web/bots.py).

const PATIENCE = 3000;
// Work that is asked for is waited for: some seconds, a minute on a slow machine.
const USUAL = 12;
const PATIENCE_HARDER = 90000;

async function work(mark, bits) {
  const coder = new TextEncoder();
  for (let number = 0; ; number += 1) {
    const hash = await crypto.subtle.digest("SHA-256", coder.encode(`${mark}:${number}`));
    if (new DataView(hash).getUint32(0) >>> (32 - bits) === 0) return number;
  }
}

for (const field of globalThis.crypto?.subtle ? document.querySelectorAll("[data-proof]") : []) {
  const { form } = field;
  if (field.value) continue;
  const done = work(form.elements.lahir.value, Number(field.dataset.proof)).then((number) => { field.value = number; });
  form.addEventListener("submit", (event) => {
    if (field.value || event.defaultPrevented) return;
    // Sent before it was done: it goes by itself in a moment.
    event.preventDefault();
    const most = Number(field.dataset.proof) > USUAL ? PATIENCE_HARDER : PATIENCE;
    const patience = new Promise((gone) => setTimeout(gone, most));
    Promise.race([done, patience]).then(() => { field.value ||= "-"; form.requestSubmit(event.submitter); });
  });
}
