"""The command `survey`, also as `python -m survey`."""

import signal


def main() -> None:
    """Ctrl-C while the program is being loaded ends it at once: raised as an exception within an import, it may be
    swallowed there, and the program would go on as if nobody had asked."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from survey import cli

    signal.signal(signal.SIGINT, signal.default_int_handler)
    cli.main()


if __name__ == "__main__":
    main()
