import Tensors

/// Recurrent layers.
let sequenceReaders: [String: OperatorReader] = [:]
