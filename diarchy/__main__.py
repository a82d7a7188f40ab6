"""``python -m diarchy``: the command line."""

from diarchy.agent.cli.main import main

if __name__ == "__main__":
    main()
