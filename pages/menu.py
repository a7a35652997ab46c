"""The main script: page config, a place among the pages being drawn, sign-in gate, and the list of pages."""

from survey.core.accounts.access import EVERYONE, first_page
from survey.ui.access import note_activity, note_look, require, start_afresh
from survey.ui.crowd import place
from survey.ui.editing import only_while_drawn
from survey.ui.shell import menu, set_page
from survey.ui.uploads import only_while_shown
from survey.ui.waves import proposals

start_afresh()
set_page()
with place(), only_while_shown(), only_while_drawn():
    user = require(*EVERYONE)
    note_activity()
    page = menu(user)
    if page.url_path == first_page(user):
        proposals.above_the_first_page(user)
    try:
        page.run()
    finally:  # a page stops itself by an exception
        note_look(page.title)
