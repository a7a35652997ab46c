"""The main script: page config, sign-in gate, and the list of pages."""

from survey.core.access import EVERYONE
from survey.ui.access import note_activity, note_look, require
from survey.ui.shell import menu, set_page

set_page()
user = require(*EVERYONE)
note_activity()
page = menu(user)
note_look(page.title)
page.run()
