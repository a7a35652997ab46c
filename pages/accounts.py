"""账号: who works here, in which role, until when; made, changed and closed by the system administrator."""

from survey.storage.accounts import people
from survey.storage.database import reading
from survey.storage.waves import published
from survey.ui import blocks, steps
from survey.ui.access import require_page
from survey.ui.accounts import accounts

user = require_page("accounts")
with reading() as db:
    everyone = people.accounts(db)
    seen = people.last_seen(db)
    departments = {one.id: one.name for one in published.departments(db)}

blocks.finding(accounts.sentence(everyone))
steps.show_message()
accounts.show_password()
accounts.new_account(departments)
accounts.cards(everyone, departments, seen, user.id)
