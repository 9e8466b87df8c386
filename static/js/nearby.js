// "Near me" in the directory: asks the phone where it is, only after a tap, and rounds to about a kilometre.

const box = document.querySelector("[data-nearby]");
const button = box?.querySelector("button");
const words = box?.querySelector("[data-nearby-words]");

const say = (key) => { words.textContent = box.dataset[key]; };

function go({ coords }) {
  const address = new URL(box.dataset.nearby, location.href);
  address.searchParams.set("lat", coords.latitude.toFixed(2));
  address.searchParams.set("lon", coords.longitude.toFixed(2));
  location.assign(address);
}

function failed({ code, PERMISSION_DENIED }) {
  button.disabled = false;
  say(code === PERMISSION_DENIED ? "refused" : "failed");
}

if (box && "geolocation" in navigator && window.isSecureContext) {
  box.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    say("searching");
    navigator.geolocation.getCurrentPosition(go, failed, { timeout: 10000, maximumAge: 600000 });
  });
}

// The position leaves the address bar at once: it stays out of the history and of copied links.
if (new URLSearchParams(location.search).has("lat")) {
  history.replaceState(null, "", location.pathname);
}
