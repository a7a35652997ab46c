"""Why something is not possible now: every refusal that is told to a person has one base."""


class Refusal(Exception):
    """Refused, and nothing has changed; the text is a Chinese sentence, with the cure where there is one."""


class NotAllowed(Refusal):
    """The step is not possible now."""
