"""Texts that attack whatever shows or exports them. None may do anything anywhere but be shown."""

import re
from collections.abc import Collection
from html.parser import HTMLParser

ELSEWHERE = "elsewhere.example"  # a host that no page of ours may ever ask
MARKUP = (
    "<script>window.__pwned=1</script>",
    "<img src=x onerror=window.__pwned=1>",
    "<svg/onload=window.__pwned=1>",
    "</textarea><b id=planted>x</b>",
    '"><i id=planted onclick=window.__pwned=1>x</i>',
    "' autofocus onfocus=window.__pwned=1 x='",
    f"<img src=http://{ELSEWHERE}/p.png>",
    f"<a href=http://{ELSEWHERE}>点</a>",
    "<a href=javascript:window.__pwned=1>点</a>",
    "&lt;b id=planted&gt;x&#60;script&#62;",
    "<style>body{display:none}</style>",
    "%{y}%{customdata[0]}<extra>x</extra>",
    "{{7*7}}{% raw %}${7*7}#{7*7}",
)
MARKDOWN = (
    f"![i](http://{ELSEWHERE}/p.png)",
    f"[点](http://{ELSEWHERE}/)",
    "[点](javascript:window.__pwned=1)",
    f"https://{ELSEWHERE}/a",
    f"www.{ELSEWHERE}",
    f"a@{ELSEWHERE}",
    f"<http://{ELSEWHERE}>",
    "$\\frac{1}{2}$ $$x^2$$",
    ":red[红] :material/home: :smile:",
    "**粗** `码` ~~删~~ -> --",
    "# 题",
    '#import "x": *; #text(red)[x] $x$ @ref',
)
FORMULAS = (
    "=cmd|'/C calc'!A0",
    "+1+cmd|'/C calc'!A0",
    "-2+3+cmd|'/C calc'!A0",
    "@SUM(1+1)",
    f'=HYPERLINK("http://{ELSEWHERE}","点")',
    '=DDE("cmd","/C calc","x")',
    "＝1+1",
    "＋1+1",
    "－1+1",
    "＠SUM(1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "\u3000=1+1",
    "\u200b=1+1",
    "\u202e=1+1",
)
ODD = (
    "a\u202egpj.exe",
    "零\u200b宽\u200d字\ufeff符",
    "控\x00制\x07字\x1b[31m符",
    "行\r\nSet-Cookie: x=1",
    "极" * 58,
    "W" * 58,
    "𠮷野家👨\u200d👩\u200d👧",
    "../../etc/passwd",
    'a";x="b\\',
    "_x0041_&amp;&[Picture]&G",
)
ALL = (*MARKUP, *MARKDOWN, *FORMULAS, *ODD)


def as_name(text: str) -> str:
    """The text as the name of an enterprise or a wave: long enough, short enough."""
    return f"{text}公司"


# --- what is shown must be tame -----------------------------------------------------------------------

RUNS = {
    "script",
    "iframe",
    "object",
    "embed",
    "base",
    "svg",
    "math",
    "template",
    "form",
    "style",
    "link",
    "meta",
}


class Live(HTMLParser):
    """Looks through markup for anything that a planted text could have made."""

    def __init__(self, ours: Collection[str] = ()) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.words: list[str] = []
        self._ours = set(ours)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in RUNS - self._ours:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or value == "planted":
                self.found.append(f"{name}={value}")
            goes = re.sub(r"[\s\x00-\x1f]", "", value or "").lower()
            if name in ("href", "src", "action", "formaction", "srcset") and (
                goes.startswith(("javascript:", "data:text")) or ELSEWHERE in goes
            ):
                self.found.append(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def live_in(markup: str, ours: Collection[str] = ()) -> list[str]:
    """What would act in some markup; `ours` are the tags that only we write there."""
    parser = Live(ours)
    parser.feed(markup)
    parser.close()
    return parser.found
