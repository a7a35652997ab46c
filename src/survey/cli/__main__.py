"""The command as `python -m survey.cli`, as which the parts are started."""

from survey.cli import main

if __name__ == "__main__":
    main()
