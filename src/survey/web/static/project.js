// The projected QR page: a count that moves by itself, and full screen.
const count = document.getElementById("count");
const full = document.getElementById("full");

async function refresh() {
  try {
    const answer = await fetch(count.dataset.from);
    if (answer.ok && !answer.redirected) count.textContent = await answer.text();
  } catch {
    // The network is away for a moment; the next round tries again.
  }
}

setInterval(refresh, 2000);
full.addEventListener("click", () => document.documentElement.requestFullscreen());
document.addEventListener("fullscreenchange", () => {
  full.hidden = Boolean(document.fullscreenElement);
});
