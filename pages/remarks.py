"""留言."""

from survey.ui.access import require_page

require_page("remarks")
