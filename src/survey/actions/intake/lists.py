"""Reading a list that somebody brought: in a process of its own, which may fail without anybody waiting or falling."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter

from survey.core.intake import reading_apart
from survey.core.intake.list_text import TextRefused
from survey.core.intake.sheets import TableRefused
from survey.core.registry.rows import RegistryTable

SECONDS = 60  # of waiting on a busy machine; of computing the child allows itself less
_ONE_AT_A_TIME = Lock()  # several bombs at once would add up
_TABLE = TypeAdapter(RegistryTable)
_CURE = "请只留下名单所在的工作表，删去图片和多余的行列，另存为「Excel 工作簿（*.xlsx）」再导入。"
log = logging.getLogger(__name__)


def read_list(
    content: bytes, file_name: str, hidden_rows: bool = False, seconds: float = SECONDS
) -> RegistryTable:
    """`registry_table.read_registry` within limits of time, memory and size; raises `TextRefused` with one sentence."""
    source = Path(__file__).parents[3]
    with _ONE_AT_A_TIME:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", reading_apart.__name__, *(["--hidden-rows"] if hidden_rows else [])],
                input=content, capture_output=True, timeout=seconds, check=False,
                env={**_environment(), "PYTHONPATH": str(source)},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise TableRefused(f"文件读了 {seconds:.0f} 秒还没有读完，不像企业名单。{_CURE}") from None
        except OSError as error:
            raise TableRefused(f"现在读不了文件（{error.strerror}），请稍后再试。") from error
    return _answer(done, file_name)


def _environment() -> dict[str, str]:
    """What a process needs to start; the keys and addresses of the product are not for whoever reads a foreign file."""
    return {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG") if name in os.environ
    }


def _answer(done: "subprocess.CompletedProcess[bytes]", file_name: str) -> RegistryTable:
    if done.returncode:
        log.warning(
            "reading a list ended with %s: %s", done.returncode, done.stderr[-300:].decode("utf-8", "replace")
        )
        raise TableRefused(f"文件太复杂，读不下去，不像企业名单。{_CURE}")
    said = json.loads(done.stdout)
    if "refused" in said:
        raise TextRefused(said["refused"], said["line"])
    return _TABLE.validate_python({**said["table"], "file_name": file_name})
