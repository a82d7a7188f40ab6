from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from diarchy.agent.cli.logs import LOG_FILE, logged_in, quiet_logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    logger = logging.getLogger("diarchy")
    handlers, level = list(logger.handlers), logger.level
    yield
    logger.handlers[:], logger.level = handlers, level


def test_what_is_logged_goes_into_the_run_folder_and_not_to_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet_logs(debug=False)
    with logged_in(tmp_path / "new" / "run"):
        logging.getLogger("diarchy.skills").warning("open raised")
    logging.getLogger("diarchy.skills").warning("afterwards")
    written = (tmp_path / "new" / "run" / LOG_FILE).read_text()
    assert "WARNING diarchy.skills: open raised" in written
    assert "afterwards" not in written
    assert capsys.readouterr().err == ""


def test_a_run_that_logs_nothing_leaves_no_file(tmp_path: Path) -> None:
    with logged_in(tmp_path / "run"):
        pass
    assert not (tmp_path / "run").exists()


def test_debug_shows_every_record_once(capsys: pytest.CaptureFixture[str]) -> None:
    quiet_logs(debug=True)
    quiet_logs(debug=True)
    logging.getLogger("diarchy.skills").debug("detail")
    assert capsys.readouterr().err.count("detail") == 1
