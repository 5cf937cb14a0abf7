import Glibc

/// The periodic Hann window: `w[i] = 0.5 − 0.5 cos(2π i / length)`.
func hannWindow(_ length: Int) -> [Float] { hannWeights(length).map { Float($0) } }

/// The same in double precision.
func hannWeights(_ length: Int) -> [Double] {
  (0..<length).map { 0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(length)) }
}
