"""Ctrl-C: exit 130 with one line, nothing half-written, and no worker left behind. `kill` and a closed terminal too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

GONE = "error: interrupted; nothing half-written is left behind"


def interrupted(environment: dict[str, str], after_s: float, *arguments: object) -> tuple[int, str]:
    """Exit code and last line of a command that gets SIGINT, as a terminal sends it: to its whole process group."""
    command = [sys.executable, "-m", "curate", *map(str, arguments)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        time.sleep(after_s)
        os.killpg(process.pid, signal.SIGINT)
        try:
            _, said = process.communicate(timeout=20)  # comes back once all who hold the pipe are gone, workers too
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert "Traceback" not in said, said
    return process.returncode, said.splitlines()[-1] if said else ""


@pytest.fixture(scope="module")
def many_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("many") / "rows.csv"
    with path.open("w") as file:
        file.write("text,label\n")
        file.writelines(f"some  text <b>number</b> {n} with words {n % 77},{n % 3}\n" for n in range(400_000))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("after_s", [1.0, 2.0, 4.0, 6.0])
def test_an_interrupted_run_leaves_nothing_and_goes_on_where_it_stopped(
    environment: dict[str, str], many_rows: Path, recipe: Path, tmp_path: Path, after_s: float
) -> None:
    given = {**environment, "CURATE_CACHE": str(tmp_path / "cache")}
    arguments = ("run", recipe, many_rows, "--workers", "2", "--out", tmp_path / "out")
    code, said = interrupted(given, after_s, *arguments)
    assert code == 130
    assert said in (GONE, f"{GONE}; finished work is kept, and the same command goes on from there")
    assert sorted(path.name for path in tmp_path.iterdir()) in ([], ["cache"])
    assert list(tmp_path.rglob(".scratch-*")) == []


@pytest.mark.slow
@pytest.mark.parametrize("after_s", [6.0, 12.0])
def test_an_interrupted_measurement_stops_at_once(
    environment: dict[str, str], data_dir: Path, recipe: Path, tmp_path: Path, after_s: float
) -> None:
    given = {**environment, "CURATE_CACHE": str(tmp_path / "cache")}
    source = data_dir / "sms_spam" / "sms.tsv"
    options = ("--columns", "label,text", "--learner", "linear", "--replicates", "16", "--html", tmp_path / "m.html")
    began = time.monotonic()
    code, said = interrupted(given, after_s, "measure", recipe, source, *options, "--workers", "2")
    assert time.monotonic() - began < after_s + 10
    assert (code, said) == (130, f"{GONE}; finished models are kept, and the same command goes on from there")
    assert not (tmp_path / "m.html").exists()
    del given["CURATE_CACHE"]
    command = ("measure", recipe, source, *options, "--workers", "2", "--no-cache")
    assert interrupted(given, after_s, *command) == (130, GONE), "where nothing is kept nobody says so"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_told_to_end_leaves_no_row_in_the_clear(
    environment: dict[str, str], many_rows: Path, recipe: Path, tmp_path: Path, number: signal.Signals
) -> None:
    key, temporary = tmp_path / "key", tmp_path / "temporary"
    key.write_text("00112233445566778899aabbccddeeff")
    temporary.mkdir()
    arguments = ("run", recipe, many_rows, "--workers", 2, "--out", tmp_path / "out", "--encrypt-key-file", key)
    # whoever started the tests may ignore the signal (nohup), and what is ignored is inherited
    heard = f"import signal, sys; signal.signal({int(number)}, signal.SIG_DFL); from curate.cli.main import main; "
    heard += "sys.exit(main())"
    command = [sys.executable, "-c", heard, *map(str, arguments)]
    with subprocess.Popen(command, env={**environment, "TMPDIR": str(temporary)}, stderr=subprocess.PIPE) as process:
        for _ in range(200):
            if any(path.is_file() for path in temporary.rglob("*.arrow")):
                break
            time.sleep(0.05)
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    assert said.decode().splitlines()[-1] == GONE
    assert list(temporary.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key", "temporary"]


HALF_AN_ANSWER = """
import os, struct, sys, time
from pathlib import Path
from curate.cli import main
from curate.engines.processes import processes, start_in


def half_an_answer(sign):
    frame = sys._getframe()
    while "result_queue" not in frame.f_locals:
        frame = frame.f_back
    os.write(frame.f_locals["result_queue"]._writer.fileno(), struct.pack("!i", 1000))  # the length, and nothing more
    Path(sign).touch()
    time.sleep(60)


def interrupted(_):
    start_in(processes(1), half_an_answer, sys.argv[1])
    while not Path(sys.argv[1]).exists():
        time.sleep(0.01)
    raise KeyboardInterrupt


if __name__ == "__main__":
    main._invoke = interrupted
    sys.exit(main.main(["ls"]))
"""


def test_a_worker_that_ends_in_the_middle_of_an_answer_keeps_nobody_waiting(
    environment: dict[str, str], tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(HALF_AN_ANSWER)
    done = subprocess.run(
        [sys.executable, script, tmp_path / "sign"], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (tmp_path / "sign").exists()
    assert (done.returncode, done.stderr) == (130, f"{GONE}\n")
