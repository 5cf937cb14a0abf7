import Tensors

/// Numbers brought to few bits and back.
let quantizationReaders: [String: OperatorReader] = [:]
