"""Otoscope's random bits: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014)."""
import numpy as np


def splitmix64(seed, count, skipped=0):
    """Draws number `skipped` + 1 and on of a generator that begins at `seed`."""
    with np.errstate(over="ignore"):
        places = np.arange(skipped + 1, skipped + count + 1, dtype=np.uint64)
        bits = np.uint64(seed) + places * np.uint64(0x9E3779B97F4A7C15)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
