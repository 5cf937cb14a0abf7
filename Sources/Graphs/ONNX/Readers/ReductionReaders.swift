import Tensors

/// Sums, means and extremes over axes.
let reductionReaders: [String: OperatorReader] = [:]
