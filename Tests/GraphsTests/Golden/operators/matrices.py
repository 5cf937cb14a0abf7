"""Matrix products."""
import numpy as np

from .registry import cases


@cases("Gemm", 40)
def gemm(g):
    m, k, n = g.count(1, 5), g.count(1, 5), g.count(1, 5)
    ta, tb = g.count(0, 1), g.count(0, 1)
    a, b = g.real(*([k, m] if ta else [m, k])), g.real(*([n, k] if tb else [k, n]))
    c = g.choose([m, n], [n], [1, n], [m, 1], [1], [], None)
    if c is None and g.opset < 11:
        c = [n]
    a = g.input(a) if g.chance(0.8) else g.constant(a)
    b = g.input(b) if a.startswith("c") else g.operand(b)
    c = None if c is None else g.operand(g.real(*c))
    scales = {"alpha": 0.5, "beta": 2.0} if g.chance(0.4) else {}
    g.node("Gemm", [a, b, c], transA=ta or None, transB=tb or None, **scales)


@cases("MatMul", 40)
def matmul(g):
    m, k, n = g.count(1, 5), g.count(1, 5), g.count(1, 5)
    batch = g.shape(0, 2, most=3)
    left = [1 if g.chance(0.2) else e for e in batch][g.choose(0, 0, 1, 2):]
    right = [1 if g.chance(0.2) else e for e in batch][g.choose(0, 0, 1, 2):]
    a, b = [*left, m, k], [*right, k, n]
    if g.chance(0.15):
        a = [k]
    elif g.chance(0.15):
        b = [k]
    a, b = g.real(*a), g.real(*b)
    if g.chance():
        g.node("MatMul", [g.input(a), g.operand(b)])
    else:
        g.node("MatMul", [g.operand(a), g.input(b)])


@cases("MatMul", 4)
def matmul_biased(g):
    x = g.input(g.real(2, 3, 4))
    y = g.node("MatMul", [x, g.operand(g.real(4, 5))])
    g.node("Relu", [g.node("Add", [y, g.operand(g.real(5))])])


EQUATIONS = [
    ("ij,jk->ik", "ij", "jk"), ("bij,bjk->bik", "bij", "bjk"), ("ij->ji", "ij"), ("ij->i", "ij"), ("ij->", "ij"),
    ("i,i->", "i", "i"), ("i,j->ij", "i", "j"), ("bhid,bhjd->bhij", "bhid", "bhjd"), ("bnqk,bnkd->bqnd", "bnqk", "bnkd"),
    ("ij,ij->ij", "ij", "ij"), ("ij,jk", "ij", "jk"), ("ij, kj -> ik", "ij", "kj"), ("bi,bij->bj", "bi", "bij"),
    ("ba,cb->ac", "ba", "cb"), ("ii->i", "ii"), ("ii->", "ii"), ("bii->b", "bii"),
    ("...ij,...jk->...ik", "bij", "bjk"), ("...ij,jk->...ik", "bcij", "jk"), ("b...->b", "bij"),
    ("ij,jk,kl->il", "ij", "jk", "kl"), ("i,i,i->i", "i", "i", "i"), ("bct,ct->b", "bct", "ct"),
    ("bct,kct->bkt", "bct", "kct"), ("a,ab,abc->abc", "a", "ab", "abc"), ("i...,i...->...", "iab", "iab"),
    ("ijk,jil->kl", "ijk", "jil"), ("ba,ba", "ba", "ba"),
]


@cases("Einsum", 56)
def einsum(g):
    equation, *operands = EQUATIONS[g.count(0, len(EQUATIONS) - 1)]
    extents = {letter: g.count(1, 4) for letter in sorted(set("".join(operands)))}
    values = [g.real(*(extents[c] for c in o)) for o in operands]
    g.node("Einsum", [g.input(values[0]), *map(g.operand, values[1:])], equation=equation)


@cases("Einsum", 24)
def einsum_of_many(g):
    """Axes of 1 that are broadcast, axes without names, several operands."""
    equation, *operands = [
        ("ij,jk->ik", "ij", "jk"), ("bij,bjk->bik", "bij", "bjk"), ("ij,jk->ijk", "ij", "jk"), ("...i->i...", "bci"),
        ("...ij,...jk->...ik", "bcij", "bcjk"), ("i...j,j->i...", "iabj", "j"), (",ij->ji", "", "ij"), ("b...", "bcd"),
        ("iji->ij", "iji"), ("iiij->ji", "iiij"), ("ij,,jk->ik", "ij", "", "jk"), ("i,j,k->kji", "i", "j", "k"),
        ("aibj,cjbi->acb", "aibj", "cjbi"), ("bi,oij,bj->bo", "bi", "oij", "bj")][g.count(0, 13)]
    extents = {letter: g.count(2, 4) for letter in sorted(set("".join(operands)))}
    shapes = [[extents[c] for c in o] for o in operands]
    if "." not in equation and len(operands) > 1 and len(set(operands[0])) == len(operands[0]):
        shapes[0] = [1 if g.chance(0.3) and any(c in o for o in operands[1:]) else e for c, e in zip(operands[0], shapes[0])]
    values = [g.real(*s) for s in shapes]
    g.node("Einsum", [g.input(values[0]), *map(g.operand, values[1:])], equation=equation)


@cases("MatMulInteger", 6)
def integers(g):
    a, b = g.whole(3, 4, low=0, high=200, dtype=np.uint8), g.whole(4, 2, low=-90, high=90, dtype=np.int8)
    zero = [g.constant(np.uint8(g.count(0, 9)))] if g.chance() else []
    g.node("MatMulInteger", [g.input(a), g.constant(b), *zero])
