// Text becomes part of a page only when our own server has sent it as HTML. Browsers hold every other script to that
// (Trusted Types): this file alone may turn text into HTML, and it takes answers of the server, never text.

const policy = globalThis.trustedTypes?.createPolicy("mpp", { createHTML: (text) => text }) ?? { createHTML: (text) => text };

// The HTML of an answer; refuses what another server sent, or what is no HTML.
export async function htmlOf(answer) {
  const ours = new URL(answer.url).origin === location.origin;
  if (!ours || !answer.headers.get("Content-Type")?.startsWith("text/html")) throw new TypeError("not a page of ours");
  return policy.createHTML(await answer.text());
}

// An answer as a document of its own, in which nothing runs.
export const pageOf = async (answer) => new DOMParser().parseFromString(await htmlOf(answer), "text/html");
