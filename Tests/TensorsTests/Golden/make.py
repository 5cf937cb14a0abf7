#!/usr/bin/env python3
"""Writes the .npy and .npz files beside this script: NumPy's own, for the tests of our reader.

    python make.py          needs NumPy (made with 2.4.6)

Every array that should be read holds [-2, -1.5, 0, 1, 2.5, 100] (as far as its type can) or 0, 1, 2, ...
"""
import io
import os
import zipfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
VALUES = np.array([-2, -1.5, 0, 1, 2.5, 100])
UNSIGNED = np.array([0, 1, 2, 100, 200, 255])


def path(name):
    return os.path.join(HERE, name)


def write_npy(name, array, version=None):
    with open(path(name), "wb") as file:
        np.lib.format.write_array(file, array, version=version)


def element_types():
    """An array per type and byte order, under the type's own name."""
    arrays = {}
    for order in "<>":
        for kind in ("f2", "f4", "f8"):
            arrays[order + kind] = VALUES.astype(order + kind)
        for size in "1248":
            if size == "1" and order == ">":
                continue
            arrays[f"{order}i{size}"] = VALUES.astype(f"{order}i{size}")
            arrays[f"{order}u{size}"] = UNSIGNED.astype(f"{order}u{size}")
    arrays["bool"] = UNSIGNED > 1
    return arrays


class Pipe(io.RawIOBase):
    """A file that cannot go back: zipfile then writes sizes after the data."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


def main():
    counting = np.arange(24, dtype="<f4").reshape(2, 3, 4)
    for major in (1, 2, 3):
        write_npy(f"version{major}.npy", counting, (major, 0))
    write_npy("fortran.npy", np.asfortranarray(counting))
    write_npy("fortran_int16.npy", np.asfortranarray(counting.astype(">i2")))
    write_npy("scalar.npy", np.array(3.5))
    write_npy("vector.npy", np.arange(5.0))
    write_npy("empty.npy", np.zeros((0, 7), "<f4"))
    write_npy("extremes.npy", np.array([np.inf, -np.inf, np.nan, 1e300, -1e300, 1e-300, 5e-324, 0.1]))

    write_npy("records.npy", np.zeros(2, [("time", "<f4"), ("label", "U8"), ("box", "<f4", (2, 2))]))
    write_npy("objects.npy", np.array([1, None], dtype=object))
    write_npy("text.npy", np.array(["dog", "cow"]))
    write_npy("complex.npy", np.array([1 + 2j]))
    write_npy("dates.npy", np.array(["2020-01-01"], "datetime64[D]"))
    write_npy("extended.npy", np.array([1.5], np.longdouble))

    arrays = {"x": counting, "block_3/Relu:0": np.arange(4.0), "größe.npy": np.array(7, ">i4")}
    np.savez(path("types.npz"), **element_types())
    np.savez(path("stored.npz"), **arrays)
    np.savez_compressed(path("compressed.npz"), **arrays)
    with open(path("streamed.npz"), "wb") as file:
        np.savez_compressed(Pipe(file), **arrays)
    with zipfile.ZipFile(path("bzip2.npz"), "w", zipfile.ZIP_BZIP2) as archive:
        archive.write(path("vector.npy"), "x.npy")
    with zipfile.ZipFile(path("mixed.npz"), "w") as archive:
        archive.comment = b"not only arrays"
        archive.writestr("README", "hello")
        archive.writestr("folder/", "")
        archive.write(path("vector.npy"), "../x.npy")


main()
