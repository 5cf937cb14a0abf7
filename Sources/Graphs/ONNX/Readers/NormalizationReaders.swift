import Tensors

/// Normalizations over places, channels, groups and neighbours.
let normalizationReaders: [String: OperatorReader] = [:]
