// The entry form by keyboard alone: a digit is an answer and leads on, Enter leads on, Ctrl+Enter sends.
const form = document.querySelector("form");
const find = document.getElementById("find");
const list = document.getElementById("enterprise");
const all = [...list.options];
const lines = [...document.querySelectorAll(".lines > li")];
const grades = lines.map((line) => line.querySelector(".grade"));
const names = new Map(document.querySelector(".lines").dataset.grades.trim().split(" ").map((one) => [one[0], one.slice(1)]));
const kind = document.getElementById("kind");
const send = document.getElementById("send");
const none = document.getElementById("none");

function focus(element) {
  element.focus();
  if (element.select && element.type !== "checkbox") element.select();
  element.scrollIntoView({ block: "nearest" });
}

// --- the enterprise ---
function filter() {
  const words = find.value.trim().toLowerCase().split(/\s+/);
  const found = all.filter((one) => words.every((word) => one.text.toLowerCase().includes(word)));
  list.replaceChildren(...found);
  document.getElementById("nobody").hidden = found.length > 0;
  if (find.value.trim()) list.selectedIndex = found.length ? 0 : -1;
}
find.addEventListener("input", filter);
find.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    list.selectedIndex = Math.max(0, Math.min(list.length - 1, list.selectedIndex + step));
    event.preventDefault();
  } else if (event.key === "Enter" && !event.ctrlKey) {
    event.preventDefault();
    if (list.selectedIndex >= 0) focus(form.querySelector("[name=source]:checked"));
  }
});
list.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.ctrlKey) focus(form.querySelector("[name=source]:checked"));
});

// --- groups of numbered choices ---
function numbered(group, next) {
  group.addEventListener("keydown", (event) => {
    if (event.ctrlKey) return;
    const choice = group.querySelectorAll("input")[Number(event.key) - 1];
    if (choice) {
      choice.checked = choice.type === "radio" || !choice.checked;
      if (choice.type === "radio") next(choice);
      event.preventDefault();
    } else if (event.key === "Enter") {
      event.preventDefault();
      next(null);
    }
  });
}
numbered(document.getElementById("source"), () => focus(grades[0]));
numbered(kind, (choice) => focus(choice || kind.querySelector(":checked") ? document.getElementById("text") : send));

// --- one line a department ---
function show(line) {
  const value = line.querySelector(".grade").value;
  line.querySelector("output").textContent = names.get(value) || "";
  const given = [...line.querySelectorAll(".grade")].map((one) => one.value);
  line.classList.toggle("bad", given.includes("1") || given.includes("2"));
  const details = [...line.querySelectorAll(".details .grade")];
  if (details.some((one) => one.value)) line.classList.add("open");
}
function go(place) {
  if (place < grades.length) focus(grades[Math.max(0, place)]);
  else if (grades.some((one) => one.value > "0")) focus(kind.querySelector(":checked") || kind.querySelector("input"));
  else focus(none);
}
function onward(line, place, from) {
  const chips = line.querySelector(".chips");
  const inner = [...line.querySelectorAll(".details .grade")];
  const at = inner.indexOf(from);
  if (line.classList.contains("open") && at < inner.length - 1) focus(inner[at + 1]);
  else if (line.classList.contains("bad")) focus(chips);
  else go(place + 1);
}
lines.forEach((line, place) => {
  show(line);
  for (const input of line.querySelectorAll(".grade")) {
    input.addEventListener("focus", () => input.select());
    input.addEventListener("input", () => {
      input.value = input.value.replace(/[０-５]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 0xfee0)).replace(/[^0-5]/g, "");
      show(line);
      if (input.value) onward(line, place, input);
    });
    input.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.isComposing) return;
      if (event.key === "Enter" || event.key === "ArrowDown") {
        event.key === "Enter" ? onward(line, place, input) : go(place + 1);
      } else if (event.key === "ArrowUp") {
        place ? go(place - 1) : focus(find);
      } else if (event.key.toLowerCase() === "d") {
        if (line.querySelector(".details") && line.classList.toggle("open")) focus(line.querySelector(".details .grade"));
      } else return;
      event.preventDefault();
    });
  }
  const chips = line.querySelector(".chips");
  numbered(chips, () => go(place + 1));
  chips.addEventListener("keydown", (event) => { if (event.key === "ArrowUp") { event.preventDefault(); go(place); } });
  line.querySelector(".text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing && !event.ctrlKey) { event.preventDefault(); go(place + 1); }
  });
});
none.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.ctrlKey) { event.preventDefault(); focus(kind.querySelector("input")); }
});
for (const id of ["about", "use", "contact"]) {
  document.getElementById(id).addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing && !event.ctrlKey) { event.preventDefault(); focus(send); }
  });
}

// --- sending ---
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); send.click(); }
});
form.addEventListener("submit", () => { send.disabled = true; send.textContent = "正在存…"; });
window.addEventListener("pageshow", () => { send.disabled = false; send.textContent = "交这一份"; });
