import Glibc
import Tensors

/// `Σ x[n] · exp(∓2πi·kn/N)` by its definition, along one axis; the last axis holds real and imaginary parts.
func naiveFourier(_ x: Values, length: Int?, _ attributes: [String: Attribute]) -> Values {
  let rank = x.shape.rank
  let axis = attributes.integer("axis", default: 1)
  let place = axis < 0 ? axis + rank : axis
  let inverse = attributes.integer("inverse", default: 0) != 0
  let onesided = attributes.integer("onesided", default: 0) != 0
  let mirrors = inverse && onesided
  let count = length ?? (mirrors ? 2 * (x.shape[place] - 1) : x.shape[place])
  func part(_ index: [Int], _ part: Int) -> Double {
    index[place] < x.shape[place] && part < x.shape[rank - 1] ? x[index.dropLast() + [part]] : 0
  }
  var extents = x.shape.dimensions
  extents[place] = onesided && !inverse ? count / 2 + 1 : count
  extents[rank - 1] = mirrors ? 1 : 2
  return Values(extents) { index in
    var sum = (0.0, 0.0)
    for n in 0..<count {
      var source = index
      source[place] = mirrors && n > count / 2 ? count - n : n
      let sign = source[place] == n ? 1.0 : -1
      let (real, imaginary) = (part(source, 0), sign * part(source, 1))
      let angle = (inverse ? 2 : -2) * Double.pi * Double(index[place] * n % count) / Double(count)
      sum.0 += real * cos(angle) - imaginary * sin(angle)
      sum.1 += real * sin(angle) + imaginary * cos(angle)
    }
    return (index[rank - 1] == 0 ? sum.0 : sum.1) / (inverse ? Double(count) : 1)
  }
}

/// The transform of each frame of `[batch, samples, parts]`, times the window.
func naiveFrames(_ x: Values, window: Values?, step: Int, _ attributes: [String: Attribute]) -> Values {
  let length = window?.shape.count ?? x.shape[1]
  let frames = (x.shape[1] - length) / step + 1
  let cut = Values([x.shape[0] * frames, length, x.shape[2]]) { index in
    let sample = [index[0] / frames, index[0] % frames * step + index[1], index[2]]
    return x[sample] * (window?[[index[1]]] ?? 1)
  }
  let onesided = attributes.integer("onesided", default: 1)
  let spectra = naiveFourier(cut, length: nil, ["onesided": .integer(onesided)])
  return spectra.reshaped([x.shape[0], frames] + spectra.shape.dimensions.dropFirst())
}
