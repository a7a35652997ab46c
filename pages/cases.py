"""交办事项: what enterprises asked to have done with 请帮我办."""

from survey.core.clock import china_day
from survey.storage.database import reading
from survey.storage.ledger import cases
from survey.storage.waves import published
from survey.ui import blocks, filters
from survey.ui.access import require_page
from survey.ui.ledger import cases as ledger
from survey.ui.moment import moment

user = require_page("cases")
wave, top = filters.chosen_wave("企业在测评时选「请帮我办」，事项会立即出现在这里。", title="还没有交办事项")
with reading() as db:
    found = cases.cases(db, wave.id, china_day(moment()))
names = {one.id: one.name for one in published.form(wave).departments}

with top:
    blocks.finding(ledger.sentence(found))
    blocks.wave_marks(wave)
ledger.table(found, names)
