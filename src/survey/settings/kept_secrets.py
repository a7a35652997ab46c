"""Secrets that are made once and kept in a file."""

import os
import secrets
import time
from contextlib import suppress
from pathlib import Path

from survey.settings.errors import SettingsError

SECRET_LENGTH = 64  # hexadecimal digits, 256 bits
SECRET_TRIES = 20


def kept_secret(path: Path) -> str:
    """The secret in `path`; made with 256 random bits when the file is absent."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            _make_secret(path)
        for _ in range(SECRET_TRIES):
            kept = path.read_text(encoding="ascii").strip()
            if len(kept) >= SECRET_LENGTH:
                return kept
            time.sleep(0.05)  # another process has just begun to write it
    except OSError as error:
        raise SettingsError(
            f"数据文件夹 {path.parent} 不能读写（{error.strerror}）。请改正权限，或用 SURVEY_DATA_DIR 另指一个文件夹。"
        ) from error
    raise SettingsError(
        f"密钥文件 {path} 是空的或不完整，请从备份恢复；从没用过的可以删掉，启动时会重新生成。"
    )


def _make_secret(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(SECRET_LENGTH // 2))
