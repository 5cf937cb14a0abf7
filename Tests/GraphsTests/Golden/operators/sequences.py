"""Recurrent layers."""
import numpy as np

from .registry import cases


def _recurrent(kind, count, gates):
    @cases(kind, count)
    def make(g):
        steps, batch, size, hidden = g.count(1, 4), g.count(1, 3), g.count(1, 3), g.count(1, 4)
        direction = g.choose(None, "forward", "reverse", "bidirectional", "bidirectional")
        ways = 2 if direction == "bidirectional" else 1
        options = {"hidden_size": hidden, "direction": direction}
        operands = [
            g.input(g.real(steps, batch, size)), g.operand(g.real(ways, gates * hidden, size, low=-1, high=1)),
            g.operand(g.real(ways, gates * hidden, hidden, low=-1, high=1)),
            g.operand(g.real(ways, 2 * gates * hidden, low=-0.5, high=0.5)) if g.chance(0.7) else None,
            g.constant(g.whole(batch, low=1, high=steps, dtype=np.int32)) if g.chance(0.25) else None,
            g.operand(g.real(ways, batch, hidden, low=-0.9, high=0.9)) if g.chance(0.4) else None]
        if kind == "LSTM":
            operands.append(g.operand(g.real(ways, batch, hidden, low=-0.9, high=0.9)) if g.chance(0.4) else None)
            operands.append(g.operand(g.real(ways, 3 * hidden, low=-0.5, high=0.5)) if g.chance(0.25) else None)
            if g.chance(0.1):
                options["input_forget"] = 1
        if kind == "GRU":
            options["linear_before_reset"] = g.choose(None, 0, 1, 1)
        if g.chance(0.2):
            plain = {"LSTM": ["Sigmoid", "Tanh", "Tanh"], "GRU": ["Sigmoid", "Tanh"], "RNN": ["Tanh"]}[kind]
            other = {"LSTM": ["HardSigmoid", "Softsign", "Tanh"], "GRU": ["Sigmoid", "Softsign"], "RNN": ["Relu"]}[kind]
            options["activations"] = g.choose(plain, other) * ways
        if g.chance(0.15):
            options["clip"] = 0.8
        if g.opset >= 14 and g.chance(0.2):
            options["layout"] = 0
        outputs = g.choose("111", "100", "010", "110", "001") if kind == "LSTM" else g.choose("11", "10", "01")
        g.node(kind, operands, outputs, **options)


_recurrent("LSTM", 56, 4)
_recurrent("GRU", 48, 3)
_recurrent("RNN", 36, 1)


def _stacked(kind, gates):
    @cases(kind, 4)
    def make(g):
        """All results meet again, so that gradients arrive from each."""
        x = g.input(g.real(3, 2, 2))
        operands = [x, g.constant(g.real(1, gates * 3, 2, low=-1, high=1)), g.constant(g.real(1, gates * 3, 3, low=-1, high=1))]
        names = g.node(kind, operands, 3 if kind == "LSTM" else 2, hidden_size=3)
        total = names[0]
        for name in names[1:]:
            total = g.node("Add", [total, name])


for kind, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1)):
    _stacked(kind, gates)
