"""The child process that reads one list: `python -m survey.core.intake.reading_apart < file > answer`.

It limits its own memory and computing time before it looks at the file. The answer is JSON: the table, or why not.
"""

import json
import sys
from dataclasses import asdict

from survey.core.intake.list_text import TextRefused
from survey.core.registry.rows import RegistryTable
from survey.core.registry.table import read_registry

MEMORY = 768 << 20  # bytes of address space; twenty thousand enterprises take about 130 MB
SECONDS = 25  # of computing; twenty thousand enterprises take eight
TOO_MUCH = "文件展开后太大，读不下去，不像企业名单。请只留下名单所在的工作表和行列，另存之后再导入。"


def limit_resources() -> None:
    """Cap memory and time where the system can (not on Windows: there the size of parts and the waiting time hold)."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def answer(content: bytes, hidden_rows: bool) -> dict[str, object]:
    """The table as plain values, or the sentence against it."""
    try:
        table: RegistryTable = read_registry(content, "", hidden_rows)
    except TextRefused as refused:
        return {"refused": str(refused), "line": refused.line}
    except (MemoryError, RecursionError):
        return {"refused": TOO_MUCH, "line": 0}
    return {"table": asdict(table)}


def main() -> None:
    limit_resources()
    text = json.dumps(answer(sys.stdin.buffer.read(), "--hidden-rows" in sys.argv), ensure_ascii=False)
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))


if __name__ == "__main__":
    main()
