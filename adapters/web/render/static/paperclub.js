// What makes the page quicker to use. Without it every link and form works as well.
"use strict";

const say = (text) => {
  document.getElementById("status").textContent = text;
};

async function fetched(address, options) {
  const response = await fetch(address, { credentials: "same-origin", ...options });
  if (!response.ok) throw new Error(response.status);
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  return { page: parsed, address: response.url };
}

function swap(id, page) {
  const old = document.getElementById(id);
  const fresh = page.getElementById(id);
  if (!old || !fresh) return false;
  old.replaceWith(document.adoptNode(fresh));
  return true;
}

// Search as you type: the results part of the page that the server draws.
function live(form) {
  const input = form.querySelector("input[type=search]");
  let waiting = 0;
  let asked = null;
  const look = async () => {
    const address = form.action + "?" + new URLSearchParams({ q: input.value });
    asked?.abort();
    asked = new AbortController();
    document.getElementById(form.dataset.live).setAttribute("aria-busy", "true");
    try {
      const { page } = await fetched(address, { signal: asked.signal });
      swap(form.dataset.live, page);
      history.replaceState(null, "", address);
      say(document.getElementById("results-title").textContent);
    } catch (error) {
      if (error.name !== "AbortError") document.getElementById(form.dataset.live).removeAttribute("aria-busy");
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 180);
  });
}

// Votes and saves: the part of the page that they change is drawn anew, and keeps the focus.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.swap) return;
  event.preventDefault();
  const button = event.submitter;
  const fields = new URLSearchParams(new FormData(form, button));
  const place = [...document.querySelectorAll(`#${form.dataset.swap} button`)].indexOf(button);
  try {
    const { page } = await fetched(form.action, { method: "POST", body: fields });
    if (!swap(form.dataset.swap, page)) throw new Error("not there");
    document.querySelectorAll(`#${form.dataset.swap} button`)[place]?.focus();
    say("Done.");
  } catch {
    form.removeAttribute("data-swap");
    form.requestSubmit(button);
  }
});

for (const form of document.querySelectorAll("form[data-live]")) live(form);

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const entry = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(entry.textContent);
      button.textContent = "Copied";
      say("Copied.");
    } catch {
      getSelection().selectAllChildren(entry);
      say("Selected. Copy it with your keyboard.");
    }
  });
}
