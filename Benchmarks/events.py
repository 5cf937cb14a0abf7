#!/usr/bin/env python3
"""Whether TensorBoard reads our event files: 400 steps, the last 200 added by a run that went on from step 199.

    events.py [--test "swift test -c release --skip-build"]

Needs tensorboard, and the tests built.
"""
import argparse
import os
import shlex
import subprocess
import tempfile

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--test", default="swift test -c release --skip-build")
arguments = parser.parse_args()
with tempfile.TemporaryDirectory() as folder:
    command = shlex.split(arguments.test) + ["--filter", "EventFileForTensorBoardTests"]
    subprocess.run(command, env=dict(os.environ, OTOSCOPE_EVENTS=folder), capture_output=True, check=True)
    events = EventAccumulator(folder, size_guidance={"scalars": 0}).Reload()
    assert set(events.Tags()["scalars"]) == {"loss/training", "rate"}, events.Tags()
    loss, rate = events.Scalars("loss/training"), events.Scalars("rate")
    assert [e.step for e in loss] == list(range(400)) and [e.step for e in rate] == list(range(200))
    assert all(abs(e.value - (1 if e.step < 200 else 2) / (e.step + 1)) < 1e-6 for e in loss)
    print(f"TensorBoard reads {len(loss)} + {len(rate)} scalars, each step once")
