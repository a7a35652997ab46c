"""One document set by typst, in a process of its own: typst keeps what it has set, and a thousand pages
would stay in the memory of the office door. Codes go in by its standard input, never through a file."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
REGULAR = FONTS / "NotoSansCJKsc-Regular.otf"
SECONDS = 180  # a portion takes one or two


def typeset(template: str, data: Mapping[str, Any], drawings: Mapping[str, str]) -> bytes:
    """A PDF from a template, its data and the SVG drawings in it."""
    work = json.dumps({"template": template, "data": data, "drawings": drawings}, ensure_ascii=False)
    child = [sys.executable, "-m", "survey.output.press.typeset"]
    done = subprocess.run(child, input=work.encode(), capture_output=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"文件没有排成：{done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def _main() -> None:
    import typst

    work = json.load(sys.stdin.buffer)
    files: Any = {
        "main.typ": (HERE / "templates" / f"{work['template']}.typ").read_bytes(),
        "common.typ": (HERE / "templates" / "common.typ").read_bytes(),
        "data.json": json.dumps(work["data"], ensure_ascii=False).encode(),
        **{name: drawing.encode() for name, drawing in work["drawings"].items()},
    }
    # Our fonts only, so that a document looks the same on every machine.
    made = typst.compile(
        files, font_paths=[str(FONTS)], ignore_system_fonts=True, format="pdf", pdf_tags=False
    )
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    _main()
