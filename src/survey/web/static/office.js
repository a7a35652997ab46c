// Streamlit's few built-in English words, said in Chinese. Unknown words are left alone.
const AWAY = "暂时连不上服务器，正在自动重试。请检查网络；已收到的答卷不受影响。";
const words = new Map(Object.entries({
  "Skip to main content": "跳到正文",
  "No results": "没有匹配的选项",
  "Select an option": "请选择",
  "Choose an option": "请选择",
  "Choose options": "请选择",
  "Select all": "全选",
  "Select all options": "全选",
  "This field is required.": "这一项必填。",
  "Connection error": "连接中断",
  "Connection lost": "连接中断",
  "Page not found": "没有这个页面",
  "Connecting": "正在连接",
  "Connecting...": "正在连接…",
  "Connecting to Streamlit server": "正在连接",
  "Connection timed out.": "连接超时，正在自动重试。",
  "Reconnected to server.": "已重新连接。",
  "Network error": "网络出错",
  "Connection lost. Please wait for the app to reconnect, then try again.": AWAY,
  "Streamlit server is not responding. Are you connected to the internet?": AWAY,
  "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:": AWAY,
  "Unable to connect to Streamlit server. Please check your network connection and try again.": AWAY,
  "Error": "出错了",
  "Close": "关闭",
  "Open": "展开",
  "Clear all": "清空",
  "Clear value": "清空",
  "Clear selection": "清空",
  "Remove": "移除",
  "Open sidebar": "打开菜单",
  "Close sidebar": "收起菜单",
  "Collapse sidebar": "收起菜单",
  "Expand sidebar": "打开菜单",
  "Sidebar": "菜单",
  "App pages": "页面",
  "Navigate to home page": "回到看板",
  "st.iframe": "手机预览",
  "Fullscreen": "全屏",
  "Close fullscreen": "退出全屏",
  "Download": "下载",
  "Search": "搜索",
  "Upload": "选择文件",
  "file upload": "选择文件",
  "Add files": "换一个文件",
  "add icon": "换一个文件",
  "Select a date.": "选择日期",
  "Choose date": "选择日期",
  "yyyy": "年",
  "mm": "月",
  "dd": "日",
  "Previous month.": "上个月",
  "Next month.": "下个月",
}));
const patterns = [
  [/^year, (.+)$/, "年，$1"],
  [/^month, (.+)$/, "月，$1"],
  [/^day, (.+)$/, "日，$1"],
  [/^(\d+)MB per file$/, "也可以拖到这里，不超过 $1 MB"],
  [/^• XLSX, CSV, XLS$/, ""],
  [/^Remove (.+)$/, "移除 $1"],
  [/ files are not allowed\.$/, "：这种文件不能导入，请选 .xlsx 或 .csv。"],
  [/^File must be (\d+)MB or smaller\.$/, "文件不能超过 $1 MB。"],
];
const attributes = ["aria-label", "title", "placeholder", "alt"];

function inChinese(text) {
  const known = words.get(text);
  if (known || !text) return known;
  const found = patterns.find(([pattern]) => pattern.test(text));
  return found ? text.replace(...found) : undefined;
}

function say(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    const chinese = inChinese(node.nodeValue.trim());
    if (chinese !== undefined) node.nodeValue = chinese;
  } else if (node.nodeType === Node.ELEMENT_NODE) {
    for (const name of attributes) {
      const chinese = inChinese(node.getAttribute(name)?.trim());
      if (chinese) node.setAttribute(name, chinese);
    }
    node.childNodes.forEach(say);
  }
}

new MutationObserver((changes) => {
  for (const change of changes) {
    if (change.type === "childList") change.addedNodes.forEach(say);
    else say(change.target);
  }
}).observe(document.documentElement, {
  subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: attributes,
});
say(document.documentElement);
