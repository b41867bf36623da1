"""What every test shares: the real data, and Hypothesis without deadlines (and without luck in CI).

The data lies outside the repository, in `CURATE_TEST_DATA` or in `../shared/data`. Without it a test that needs it
is skipped with the reason; `CURATE_REQUIRE_DATA=1` (set in CI) turns that skip into a failure.
"""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parents[1]
SERVERS = REPOSITORY / "tests" / "servers"

settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def skip_or_fail(reason: str, *, required_by: str) -> None:
    """Skip the test, or fail it where the environment variable `required_by` is 1."""
    if os.environ.get(required_by) == "1":
        pytest.fail(f"{reason} ({required_by}=1)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the real data sets."""
    given = os.environ.get("CURATE_TEST_DATA")
    folder = Path(given) if given else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        skip_or_fail(f"no real data at {folder}; set CURATE_TEST_DATA", required_by="CURATE_REQUIRE_DATA")
    return folder


@pytest.fixture(scope="session")
def wordnet() -> Any:
    """WordNet as a package of the system has it."""
    from curate.errors import CurateError
    from curate.kernels.wordnet import load_wordnet

    try:
        return load_wordnet()
    except CurateError as error:
        skip_or_fail(f"{error}: apt-get install wordnet-base", required_by="CURATE_REQUIRE_DATA")


@pytest.fixture(scope="session")
def index_of_senses(wordnet: Any) -> Path:
    """WordNet's `index.sense`, which Debian has in a package of its own."""
    place: Path = wordnet.folder / "index.sense"
    if not place.is_file():
        skip_or_fail(f"no {place}: apt-get install wordnet-sense-index", required_by="CURATE_REQUIRE_DATA")
    return place


@pytest.fixture(scope="session")
def servers() -> SimpleNamespace:
    """`tests/servers/chat_server.py`: language models on loopback."""
    return SimpleNamespace(**runpy.run_path(str(SERVERS / "chat_server.py")))


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """`tests/servers/tiny_model.py`, with the `folder` of a tiny language model that is made here."""
    module = SimpleNamespace(**runpy.run_path(str(SERVERS / "tiny_model.py")))
    module.folder = module.make(tmp_path_factory.mktemp("tiny-model"))
    return module


@pytest.fixture(scope="session")
def tiny_translators() -> SimpleNamespace:
    """`tests/servers/tiny_translators.py`: makes tiny translation models in folders."""
    for package in ("transformers", "sentencepiece"):
        pytest.importorskip(package, reason="translation models need the extra transformers")
    return SimpleNamespace(**runpy.run_path(str(SERVERS / "tiny_translators.py")))


@pytest.fixture(scope="session")
def apertium() -> None:
    """Apertium with English and Spanish: `apt-get install apertium apertium-eng-spa`."""
    from curate.errors import CurateError
    from curate.kernels.translators.apertium import Apertium
    from curate.kernels.translators.translator import Pair

    try:
        Apertium().identity(Pair("en", "es"))
    except CurateError as error:
        skip_or_fail(str(error), required_by="CURATE_REQUIRE_DATA")
