// Says why a page cannot open its session; Streamlit itself would only go on trying. Once it can, the page heals.
(() => {
  const reasons = {
    401: ["请先登录：登录已过期。", "去登录", "登录后回到这里，本页会自动接上。"],
    503: ["现在打开的页面太多，正在自动重试。请关掉几个，或稍候。", "", ""],
  };
  let bar = null, told = null;

  function tell(reason) {
    if (reason === told) return;
    told = reason;
    bar?.remove();
    document.documentElement.classList.toggle("refused", !!reason);
    if (!reason) return;
    const [text, link, then] = reason;
    bar = document.createElement("div");
    bar.className = "session-bar";
    bar.setAttribute("role", "alert");
    bar.append(text);
    if (link) {
      const way = document.createElement("a");
      way.href = "/login";
      way.target = "_blank";
      way.textContent = link;
      bar.append(way, then);
    }
    document.documentElement.append(bar); // beside the body: Streamlit makes all of it inert behind its own message
  }

  async function ask() {
    const answer = await fetch("/session", { cache: "no-store" }).catch(() => null);
    tell(reasons[answer?.status] ?? null);
  }

  window.WebSocket = class extends WebSocket {
    constructor(...where) {
      super(...where);
      let opened = false;
      this.addEventListener("open", () => { opened = true; tell(null); });
      this.addEventListener("close", () => { if (!opened) ask(); });
    }
  };
})();
