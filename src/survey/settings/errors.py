"""What keeps the product from starting."""


class SettingsError(Exception):
    """A setting, folder or port that keeps the product from starting; the text is a Chinese sentence."""

    for_the_log = True  # nothing that people typed is in it
