"""What an issue of codes hands over: one ZIP with sending lists, cards and letters, by 服务专员 if wanted."""

import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from survey.output.waves import print, sending_list
from survey.output.waves.addressees import Addressee, Occasion, by_officer
from survey.settings import get_settings

Progress = Callable[[int, int], None]
UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')  # not in a file name on Windows
DOCUMENTS = {"二维码卡": print.cards, "邀请函": print.letters}
READ_ME = """{title}　发码包（{count} 家）{demo}

发送清单.xlsx　　全部企业的专属链接和短信
二维码卡　　　　　A4 每张 8 个，按十字线裁开
邀请函　　　　　　每家一页
{folders}
系统里只存码的指纹，这里的链接以后查不到，请像密码一样保管，发完即删。
丢了请到「发码」页换码，旧码当即作废。
{warnings}"""


@dataclass(frozen=True)
class Wanted:
    """What goes into a bundle beside the sending list."""

    cards: bool = True
    letters: bool = True
    by_officer: bool = True
    template: str = sending_list.TEMPLATE

    @property
    def documents(self) -> list[str]:
        return [name for name, chosen in zip(DOCUMENTS, (self.cards, self.letters), strict=True) if chosen]


KEPT = 3600  # seconds a bundle stays on the server: time to try a broken download again


def new_path(wave_id: int) -> Path:
    """Where a bundle of this wave is written; its name cannot be guessed."""
    folder = get_settings().data_dir / "bundles"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"{wave_id}-{secrets.token_hex(16)}.zip"


def find(wave_id: int, name: str) -> Path | None:
    """A bundle that is still there."""
    path = get_settings().data_dir / "bundles" / f"{wave_id}-{name}.zip"
    return path if re.fullmatch("[0-9a-f]{32}", name) and path.is_file() else None


def sweep(now: float) -> None:
    """Delete bundles whose time is over, and what a stopped process left behind."""
    for path in (get_settings().data_dir / "bundles").glob("*-*.*"):
        if path.stat().st_mtime < now - KEPT:
            path.unlink(missing_ok=True)


def write(
    path: Path, about: Occasion, addressees: Sequence[Addressee], wanted: Wanted, progress: Progress
) -> list[str]:
    """Write the ZIP; returns a sentence for every name that cannot be printed whole."""
    warnings = print.warnings(addressees) if wanted.documents else []
    total = max(1, len(addressees) * len(wanted.documents))
    done = 0
    path.touch(mode=0o600)
    with ZipFile(path, "w", ZIP_STORED) as file:
        file.writestr("使用说明.txt", "\ufeff" + _read_me(about, addressees, wanted, warnings))
        file.writestr("发送清单.xlsx", _list(about, addressees, wanted))
        groups = by_officer(addressees) if wanted.by_officer else {"": addressees}
        for folder, group in zip(_folders(groups), groups.values(), strict=True):
            if folder:
                file.writestr(f"{folder}发送清单.xlsx", _list(about, group, wanted))
            for number, part in enumerate(print.chunks(group), 1):
                for name in wanted.documents:
                    part_name = f"{name}.pdf" if len(group) <= print.CHUNK else f"{name}-{number:02}.pdf"
                    file.writestr(folder + part_name, DOCUMENTS[name](about, part))
                    done += len(part)
                    progress(done, total)
    return warnings


def _list(about: Occasion, addressees: Sequence[Addressee], wanted: Wanted) -> bytes:
    file = BytesIO()
    sending_list.write(file, about, addressees, wanted.template)
    return file.getvalue()


def _safe(name: str) -> str:
    return UNSAFE.sub("_", name).strip(". ") or "_"


def _folders(officers: Iterable[str]) -> list[str]:
    """A folder for each, none twice: names that differ only in signs no file name may hold would else meet."""
    found: list[str] = []
    for one in officers:
        name = _safe(one) if one else ""
        while name and f"{name}/".casefold() in map(str.casefold, found):
            name += "_"
        found.append(f"{name}/" if name else "")
    return found


def _read_me(
    about: Occasion, addressees: Sequence[Addressee], wanted: Wanted, warnings: Sequence[str]
) -> str:
    return READ_ME.format(
        title=about.title, count=len(addressees), demo="　演示数据" if about.demo else "",
        folders="每位服务专员一个文件夹，只含他联系的企业。\n" if wanted.by_officer else "",
        warnings="\n".join(["", "请注意：", *warnings]) if warnings else "",
    ).replace("\n", "\r\n")  # fmt: skip
