"""Strata keep industry, size and park in columns; room for whole names of industries

Names and ids stay. What an older stratum is made of is told by the enterprises invited in it, if they give it the
name it has; otherwise by its name, taken apart by the words that the registry and the national standard know.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PLACES = ("industry", "size", "park")
COLUMNS = (*((name, "[]") for name in PLACES), ("other", "{}"))
WIDER = (("enterprise", "industry", 20, 60), ("enterprise", "park", 20, 40), ("stratum", "name", 120, 200))
BETWEEN, AMONG, CUT = " · ", "、", 120  # how a name was put together, and where it was cut
UNREAD = "分层"
# GB/T 4754: the names with the mark that also stood between two values.
STANDARD = frozenset({
    "农、林、牧、渔业", "电力、热力、燃气及水生产和供应业", "电力、燃气及水的生产和供应业",
    "信息传输、软件和信息技术服务业", "信息传输、计算机服务和软件业", "交通运输、仓储和邮政业",
    "科学研究、技术服务和地质勘查业", "水利、环境和公共设施管理业", "居民服务、修理和其他服务业",
    "文化、体育和娱乐业", "公共管理、社会保障和社会组织", "农、林、牧、渔专业及辅助性活动",
    "酒、饮料和精制茶制造业", "皮革、毛皮、羽毛及其制品和制鞋业", "木材加工和木、竹、藤、棕、草制品业",
    "文教、工美、体育和娱乐用品制造业", "石油、煤炭及其他燃料加工业", "铁路、船舶、航空航天和其他运输设备制造业",
    "计算机、通信和其他电子设备制造业", "金属制品、机械和设备修理业", "电力、热力生产和供应业",
    "纺织服装、服饰业", "建筑装饰、装修和其他建筑业", "机动车、电子产品和日用产品修理业",
    "广播、电视、电影和录音制作业",
})  # fmt: skip
Made = dict[str, list[str]]


def upgrade() -> None:
    for name, empty in COLUMNS:
        op.add_column("stratum", sa.Column(name, sa.JSON(), nullable=False, server_default=empty))
    _lengths(new=True)
    _fill(op.get_bind())


def downgrade() -> None:
    _lengths(new=False)
    with op.batch_alter_table("stratum") as batch:
        for name, _ in COLUMNS:
            batch.drop_column(name)


def _lengths(*, new: bool) -> None:
    """SQLite keeps no lengths."""
    if op.get_bind().dialect.name == "postgresql":
        for table, column, before, after in WIDER:
            kind = sa.String(length=after if new else before)
            op.alter_column(table, column, type_=kind, postgresql_using=f"left({column}, {kind.length})")


def _fill(db: sa.Connection) -> None:
    stratum = sa.table(
        "stratum", sa.column("id"), sa.column("name"), *(sa.column(name, sa.JSON) for name, _ in COLUMNS)
    )
    words = {name: _words(db, name) for name in PLACES}
    words["industry"] |= STANDARD
    inside = _inside(db)
    for number, name in db.execute(sa.select(stratum.c.id, stratum.c.name)).all():
        made = told_by_enterprises(inside.get(number, set()), name) or told_by_name(name, words)
        values = {one: made.pop(one, []) for one in PLACES}
        db.execute(stratum.update().where(stratum.c.id == number).values(**values, other=made))


def _words(db: sa.Connection, name: str) -> frozenset[str]:
    return frozenset(db.scalars(sa.text(f"SELECT DISTINCT {name} FROM enterprise WHERE {name} <> ''")))


def _inside(db: sa.Connection) -> dict[int, set[tuple[str, ...]]]:
    """Stratum id → what the enterprises invited in it are, as the registry knows them now."""
    found: dict[int, set[tuple[str, ...]]] = {}
    columns = ", ".join(f"enterprise.{name}" for name in PLACES)
    query = f"SELECT DISTINCT stratum_id, {columns} FROM invitation JOIN enterprise ON enterprise.id = enterprise_id"
    for number, *attributes in db.execute(sa.text(query)):
        found.setdefault(number, set()).add(tuple(attributes))
    return found


def told_by_enterprises(group: Iterable[tuple[str, ...]], name: str) -> Made | None:
    """What the enterprises are, if a stratum of them was called so; else some have changed since."""
    columns = [sorted(set(values)) for values in zip(*group, strict=True)]
    parts = (AMONG.join(value for value in values if value) for values in columns)
    if not columns or (BETWEEN.join(part for part in parts if part)[:CUT] or "全部企业") != name.replace(
        "；", AMONG
    ):
        return None
    return {place: [] if values == [""] else values for place, values in zip(PLACES, columns, strict=True)}


def told_by_name(name: str, words: Mapping[str, frozenset[str]]) -> Made:
    """A name taken apart; whole under a heading of its own where it cannot be."""
    parts = name.split(BETWEEN)
    if name == "全部企业":
        return {}
    if len(parts) > len(PLACES) or "；" in name:
        return {UNREAD: [name]}
    read = [
        {place: list(_values(part, words[place])) for place, part in zip(places, parts, strict=True)}
        for places in combinations(PLACES, len(parts))
    ]
    return max(
        read, key=lambda made: sum(one in words[place] for place, ones in made.items() for one in ones)
    )


def _values(part: str, words: frozenset[str]) -> Iterator[str]:
    """The values that stood in one part of a name: known ones whole, the longest first."""
    pieces = part.split(AMONG)
    while pieces:
        ends = (n for n in range(len(pieces), 0, -1) if AMONG.join(pieces[:n]) in words)
        end = next(ends, 1)
        yield AMONG.join(pieces[:end])
        pieces = pieces[end:]
