import Tensors

/// Fourier transforms, windows and mel filters.
let signalReaders: [String: OperatorReader] = [:]
