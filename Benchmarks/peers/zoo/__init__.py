"""Architectures that people use for audio, with random weights: what networks.py and the golden files are made of."""
from .catalogue import CATALOGUE  # noqa: F401
