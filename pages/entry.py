"""代填: what an enterprise says on the phone or on a visit is entered on a plain page made for the keyboard."""

from survey.storage.database import reading
from survey.storage.waves import monitor
from survey.ui import blocks, filters
from survey.ui.access import require_page
from survey.ui.moment import phase
from survey.ui.waves import entry

user = require_page("entry")
wave, top = filters.chosen_wave(
    "期次开启之后、收齐之前，企业在电话里或走访时说的打分可以在这里代填。",
    lambda one: phase(one).taking and not one.imported,
    "没有期次在收答卷",
)
with reading() as db:
    entered = monitor.entered(db, wave.id)
    choices = len(monitor.may_be_entered(db, wave.id))
with top:
    blocks.finding(entry.sentence(entered))
    blocks.wave_marks(wave)
entry.start(wave, choices)
entry.disputes(entered)
