"""Makers of random single-operator models, by family; importing a family registers its makers."""
from . import elementwise, layers, matrices, movement, normalization, quantization, reductions, resizing, sequences
from . import shapes, signals
