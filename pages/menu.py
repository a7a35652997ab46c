"""The main script: page config, sign-in gate, and the list of pages."""

from survey.core.models import Role
from survey.ui.access import require
from survey.ui.shell import menu, set_page

set_page()
user = require(Role.VIEWER)
menu(user).run()
