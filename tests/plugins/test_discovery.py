"""Plugins are found by entry point, imported only when asked for, and never shadow one another silently.

The plugins here are real distributions, laid out on a path of their own as pip would lay them out.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def lay_out(folder: Path, distribution: str, entry_points: str) -> None:
    """An installed distribution with one module `MODULE_of_DISTRIBUTION` that prints when it is imported."""
    module = distribution.replace("-", "_")
    (folder / f"{module}.py").write_text(f"print('imported {module}')\nclass Thing:\n    '''A thing.'''\n")
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(entry_points)


def in_child(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    path = f"import sys; sys.path[:0] = [{str(REPOSITORY)!r}, {str(folder)!r}]\n"
    return subprocess.run([sys.executable, "-c", path + code], capture_output=True, text=True)


def test_listing_names_imports_no_plugin(tmp_path: Path) -> None:
    lay_out(tmp_path, "plug-one", "[curate.transforms]\nclean.one = plug_one:Thing\n")
    done = in_child(tmp_path, "from curate import registry; print('clean.one' in registry.names('transforms'))")
    assert done.stdout.split("\n") == ["True", ""], done.stderr


def test_a_name_is_imported_when_it_is_asked_for(tmp_path: Path) -> None:
    lay_out(tmp_path, "plug-one", "[curate.checks]\nodd = plug_one:Thing\n")
    done = in_child(tmp_path, "from curate import registry; print(registry.summary('checks', 'odd'))")
    assert done.stdout.split("\n") == ["imported plug_one", "A thing.", ""], done.stderr


@pytest.mark.parametrize("name", ["clean.one", "clean.html"])
def test_two_things_of_one_name_are_an_error_that_names_both(tmp_path: Path, name: str) -> None:
    lay_out(tmp_path, "plug-one", f"[curate.transforms]\n{name} = plug_one:Thing\n")
    lay_out(tmp_path, "plug-two", f"[curate.transforms]\n{name} = plug_two:Thing\n")
    done = in_child(tmp_path, "from curate import registry; registry.names('transforms')")
    last = done.stderr.strip().splitlines()[-1]
    assert "CurateError" in last
    assert name in last
    assert "plug_one:Thing" in last
    assert "uninstall" in last


def test_a_broken_plugin_hurts_only_those_who_ask_for_it(tmp_path: Path) -> None:
    lay_out(tmp_path, "plug-one", "[curate.transforms]\nclean.one = nowhere_at_all:Thing\n")
    done = in_child(tmp_path, "from curate import registry; print('clean.one' in registry.names('transforms'))")
    assert done.stdout == "True\n", done.stderr
    done = in_child(tmp_path, "from curate import registry; registry.get('transforms', 'clean.one')")
    assert "nowhere_at_all" in done.stderr
