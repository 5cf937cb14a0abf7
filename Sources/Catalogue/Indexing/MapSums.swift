/// The sum and the largest of some values, in single precision in 8 running sums; NaN if one of them is.
@inline(__always)
func sumAndMaximum(_ values: UnsafePointer<Float>, _ count: Int) -> (sum: Float, maximum: Float) {
  guard count >= 16 else {
    var (sum, maximum) = (Float(0), -Float.infinity)
    for index in 0..<count {
      let value = values[index]
      sum += value
      maximum = value > maximum ? value : maximum
    }
    return (sum, maximum)
  }
  var sums = SIMD8<Float>(repeating: 0)
  var largest = SIMD8<Float>(repeating: -.infinity)
  let raw = UnsafeRawPointer(values)
  var index = 0
  while index + 8 <= count {
    let next = raw.loadUnaligned(fromByteOffset: index * 4, as: SIMD8<Float>.self)
    sums += next
    largest = largest.replacing(with: next, where: next .> largest)
    index += 8
  }
  var (sum, maximum) = (sums.sum(), largest.max())
  while index < count {
    let value = values[index]
    sum += value
    maximum = value > maximum ? value : maximum
    index += 1
  }
  return (sum, maximum)
}
