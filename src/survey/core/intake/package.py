"""The parts of an Office file: a ZIP package of XML, opened one by one and never more than `MOST_UNPACKED` bytes in all."""

import io
import lzma
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from xml.etree.ElementTree import Element, ParseError, iterparse

from survey.core.intake.list_text import SAVE_ANEW
from survey.core.intake.sheets import TableRefused

MOST_UNPACKED = (
    64 << 20
)  # bytes of the parts that are read; twenty thousand enterprises take less than a third
MOST_PARTS = 5_000
BROKEN = f"Excel 文件打不开，可能已损坏或加了密码。{SAVE_ANEW}"
_FAULTS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ParseError, LookupError, ValueError, EOFError,
    RuntimeError, NotImplementedError, OSError,  # a password, an unknown compression
)  # fmt: skip


@contextmanager
def opened(content: bytes) -> Iterator["Package"]:
    """The package; whatever is broken in it is one sentence (`TableRefused`)."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            yield Package(packed)
    except (TableRefused, RecursionError):
        raise
    except _FAULTS as error:
        raise TableRefused(BROKEN) from error


class Package:
    """Parts by their path, whatever the case or the slashes of their names."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed
        parts = packed.infolist()
        if len(parts) > MOST_PARTS:
            raise TableRefused(f"文件里有 {len(parts):,} 个部件，不像企业名单。{SAVE_ANEW}")
        self._parts = {part.filename.replace("\\", "/").lstrip("/").lower(): part for part in parts}
        self._unpacked = 0

    def main(self, others: Mapping[str, str], else_: str) -> str:
        """The path of the workbook; raises with the sentence of `others` whose part is there, or `else_`."""
        book = next(
            (to for kind, to in self.related("").values() if kind == "officeDocument"), "xl/workbook.xml"
        )
        if other := next((said for part, said in others.items() if part in self._parts), ""):
            raise TableRefused(other + SAVE_ANEW)
        if book.lower() not in self._parts:
            raise TableRefused(else_ + SAVE_ANEW)
        return book

    def elements(self, path: str) -> Iterator[Element]:
        """The elements of a part as they end; the caller clears what it has used."""
        part = self._parts[path.lower()]
        self._unpacked += part.file_size  # zipfile itself never unpacks more than this
        if self._unpacked > MOST_UNPACKED:
            raise TableRefused(
                f"文件展开后超过 {MOST_UNPACKED >> 20} MB，不像企业名单。请只留下名单所在的工作表，另存之后再导入。"
            )
        with self._packed.open(part) as file:
            head = file.read(2048).replace(b"\0", b"").upper()
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise TableRefused(BROKEN)  # no spreadsheet writes one; entities can unfold without end
        with self._packed.open(part) as file:
            for _, item in iterparse(file):
                yield item

    def count(self, path: str, *marks: bytes) -> int:
        """How often these bytes stand in a part: a quick look that builds nothing."""
        part, found = self._parts[path.lower()], 0
        if part.file_size <= MOST_UNPACKED:
            with self._packed.open(part) as file:
                while piece := file.read(1 << 20):
                    found += sum(map(piece.count, marks))
        return found

    def related(self, path: str) -> dict[str, tuple[str, str]]:
        """Id → (last word of the kind, path) of the parts that a part points to."""
        folder, name = posixpath.split(path)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if rels.lower() not in self._parts:
            return {}
        found = {}
        for item in self.elements(rels):
            if tag_of(item) == "Relationship":
                target = item.get("Target", "").replace("\\", "/")
                place = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
                kind = item.get("Type", "").rpartition("/")[2]
                found[item.get("Id", "")] = (kind, posixpath.normpath(place))
        return found


def tag_of(item: Element) -> str:
    """An element's name; the Strict form only has other namespaces."""
    return item.tag.rpartition("}")[2]
