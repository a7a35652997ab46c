"""Why a step is not possible now."""


class NotAllowed(Exception):
    """The step is not possible now; the text is a Chinese sentence with the cure."""
