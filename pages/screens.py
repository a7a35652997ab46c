"""大屏: give out read-only addresses of a wave's released figures, and take them back."""

from survey.storage.accounts import people
from survey.storage.database import reading
from survey.ui import blocks, filters
from survey.ui.access import require_page
from survey.ui.figures import screens

require_page("screens")
wave, top = filters.chosen_wave("开启期次之后，可以把已公布的结果放到大厅的大屏上。")
with reading() as db:
    given = people.screens(db)
with top:
    blocks.finding(screens.sentence(given))
    screens.show_new_address()
screens.form(wave)
screens.table(given)
