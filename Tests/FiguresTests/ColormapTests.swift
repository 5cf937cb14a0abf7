import Figures
import Testing

struct ColormapTests {
  @Test(
    "Sequential maps grow lighter in nearly equal steps",
    arguments: [Colormap.inferno, .magma, .viridis, .greys])
  func uniform(map: Colormap) {
    #expect(map.colors.count == 256)
    let lightness = map.colors.map(\.lightness)
    let whole = (lightness[255] - lightness[0]) / 15
    for segment in 0..<15 {
      // Steps of 17 entries; matplotlib's maps are uniform in CAM02-UCS, whose lightness differs a little from L*.
      let step = lightness[17 * (segment + 1)] - lightness[17 * segment]
      // Near black, in the first segment, that difference is largest: L* is linear there.
      #expect(
        abs(step / whole - 1) < (segment == 0 ? 0.5 : 0.35),
        "\(map.name), segment \(segment): \(step) against \(whole)")
    }
    // Eight bits a channel round L* by up to about 0.3.
    #expect(zip(lightness.dropFirst(), lightness).allSatisfy { $0 - $1 > -0.3 })
  }

  @Test("The diverging map is as light on both sides of zero, and of two hues")
  func diverging() {
    let colors = Colormap.diverging.colors
    for index in 0..<128 {
      #expect(abs(colors[index].lightness - colors[255 - index].lightness) < 0.7, "entry \(index)")
    }
    for index in 129..<256 { #expect(colors[index].lightness >= colors[index - 1].lightness - 0.3) }
    #expect(colors[40].blue > colors[40].red)
    #expect(colors[215].red > colors[215].blue)
  }

  @Test("Known entries of matplotlib's tables")
  func known() {
    #expect(Colormap.inferno[0] == Color(0, 0, 4))
    #expect(Colormap.inferno[1] == Color(252, 255, 164))
    #expect(Colormap.viridis[0] == Color(68, 1, 84))
    #expect(Colormap.magma[1] == Color(252, 253, 191))
  }

  @Test("Positions outside 0...1, and NaN, stay on the map")
  func clamped() {
    #expect(Colormap.greys[-3] == Color(0, 0, 0))
    #expect(Colormap.greys[7] == Color(255, 255, 255))
    #expect(Colormap.greys[.nan] == Color(0, 0, 0))
  }

  @Test("L* of known colours")
  func lightness() {
    #expect(Color(255, 255, 255).lightness > 99.99)
    #expect(Color(0, 0, 0).lightness == 0)
    // sRGB red has L* 53.24 (Lindbloom).
    #expect(abs(Color(255, 0, 0).lightness - 53.24) < 0.02)
  }
}
