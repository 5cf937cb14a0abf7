#!/usr/bin/env python3
"""Makes later.npz, in the form of cases.npz (cases.py): every operator again at opsets 22 to 26, operators that are read
as several others, and ONNX Runtime's own.

  later.py [OPERATOR ...]     (wants what cases.py wants)
"""
import os
import sys

import cases
from operators import registry

SHARE = 8
cases.TAKES_REFERENCE = True

# A few of each operator's cases again, at the opsets that came later.
ordinary = dict(registry.makers)
registry.makers.clear()
for kind, entries in ordinary.items():
    names = {s.name for s in cases.onnx.defs.get_all_schemas()}
    if kind in names and not cases.onnx.defs.get_schema(kind, 26).deprecated:
        registry.makers[kind] = [
            (make, max(1, count // SHARE), [range(22, 27)]) for make, count, _ in entries]
from operators import later, runtime  # noqa: E402, F401

if __name__ == "__main__":
    cases.main(sys.argv[1:], "later.npz")
