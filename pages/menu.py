"""The main script: page config, a place among the pages being drawn, sign-in gate, and the list of pages."""

from survey.core.models import Role
from survey.ui.access import require
from survey.ui.crowd import place
from survey.ui.shell import menu, set_page
from survey.ui.uploads import only_while_shown

set_page()
with place(), only_while_shown():
    user = require(Role.VIEWER)
    menu(user).run()
