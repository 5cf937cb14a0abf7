"""Which function makes the cases of which operator."""
import onnx.defs

OPSETS = range(7, 22)
makers = {}


def cases(kind, count, of=None, opsets=None):
    """Registers a function that builds one random model of operator `kind`; `count` models are made of it.

    `of` names another operator whose versions decide at which opsets; `opsets` lists them outright.
    """

    def register(function):
        makers.setdefault(kind, []).append((function, count, opsets or opsets_of(of or kind)))
        return function

    return register


def opsets_of(kind):
    """Ranges of opsets over which the definition of `kind` does not change, newest first."""
    versions = sorted({
        max(s.since_version, OPSETS[0]) for s in onnx.defs.get_all_schemas_with_history()
        if s.name == kind and s.domain == "" and s.since_version <= OPSETS[-1]})
    gone = {s.since_version for s in onnx.defs.get_all_schemas_with_history() if s.name == kind and s.deprecated}
    ends = [v - 1 for v in versions[1:]] + [OPSETS[-1]]
    return [range(v, e + 1) for v, e in zip(versions, ends) if v not in gone][::-1]
