// swift-tools-version: 6.2
import PackageDescription

let house: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

func room(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: house)
}

func tests(of name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], exclude: exclude, swiftSettings: house
  )
}

func systemLibrary(_ name: String, pkgConfig: String? = nil) -> Target {
  .systemLibrary(name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig)
}

let package = Package(
  name: "Otoscope",
  products: [.executable(name: "otoscope", targets: ["CommandLine"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
  ],
  targets: [
    systemLibrary("COneDNN", pkgConfig: "dnnl"),
    systemLibrary("CFFTW", pkgConfig: "fftw3"),
    systemLibrary("CFFmpeg"),  // Loaded while running, not linked.
    systemLibrary("CCairo", pkgConfig: "cairo"),
    systemLibrary("CZlib", pkgConfig: "zlib"),
    systemLibrary("CMalloc"),
    systemLibrary("CVLFeat"),

    room("Files", []),
    room("Tensors", ["Files", "CZlib"]),
    room("Fourier", ["Tensors", "CFFTW"]),
    room("OneDNN", ["COneDNN", "Tensors"]),
    room(
      "Graphs",
      ["Files", "Tensors", "OneDNN", "Fourier", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["ONNX/onnx.proto"]),
    room("Audio", ["Files", "Tensors", "Fourier", "CFFmpeg"]),
    room("Models", ["Files", "Tensors", "Graphs", "Audio"]),
    room("Explain", ["Files", "Tensors", "Graphs", "Audio", "Models"]),
    room(
      "Probe", ["Files", "Tensors", "Fourier", "OneDNN", "Graphs", "Audio", "Models", "Explain", "CVLFeat"]),
    room(
      "Catalogue",
      [
        "Files", "Tensors", "OneDNN", "Graphs", "Audio", "Models", "Explain", "Probe",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    room("Train", ["Files", "Tensors", "Fourier", "OneDNN", "Graphs", "Audio", "Models", "Explain"]),
    // Styles and scripts become part of the binary.
    room(
      "Figures", ["Files", "Tensors", "CCairo", "CZlib"],
      resources: [
        "page.css", "page.js", "guide.html", "mark.svg", "play.svg", "evaluation.css", "evaluation.js",
        "atlas.css", "atlas.js",
      ].map { .embedInCode("Pages/\($0)") }),
    room(
      "Reports",
      ["Files", "Tensors", "Graphs", "Audio", "Models", "Explain", "Probe", "Catalogue", "Train", "Figures"]),
    room(
      "Jobs",
      ["Files", "Tensors", "Graphs", "Audio", "Models", "Explain", "Probe", "Catalogue", "Train", "Reports"]),
    .executableTarget(
      name: "CommandLine",
      dependencies: [
        "Files", "Tensors", "Graphs", "Audio", "Models", "Explain", "Probe", "Catalogue", "Train", "Reports",
        "Jobs", "CMalloc", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: house,
      // The binary carries the Swift runtime, so that it runs where no Swift is installed.
      linkerSettings: [
        .unsafeFlags(
          [
            "-static-stdlib", "-lCoreFoundation", "-l_FoundationICU", "-l_FoundationCollections",
            "-l_FoundationCShims",
          ],
          .when(configuration: .release))
      ]),

    .target(name: "TestSupport", dependencies: ["Tensors"], path: "Tests/TestSupport", swiftSettings: house),
    tests(of: "Files", ["Files"]),
    tests(of: "Tensors", ["Tensors", "Files"], exclude: ["Golden"]),
    tests(of: "Graphs", ["Graphs", "OneDNN", "Tensors", "Files"], exclude: ["Golden"]),
    tests(of: "Audio", ["Audio", "Files", "Tensors"], exclude: ["Golden"]),
    tests(of: "Models", ["Models", "Audio", "Graphs", "OneDNN", "Tensors", "Files"], exclude: ["Golden"]),
    tests(of: "Explain", ["Explain", "Models", "Audio", "Graphs", "OneDNN", "Tensors", "Files"]),
    tests(
      of: "Probe", ["Probe", "Explain", "Models", "Audio", "Graphs", "Tensors", "Files"], exclude: ["Golden"]),
    tests(of: "Figures", ["Figures", "Files", "Tensors", "CCairo"]),
    tests(
      of: "Catalogue", ["Catalogue", "Probe", "Explain", "Models", "Audio", "Graphs", "Tensors", "Files"]),
    tests(
      of: "Train", ["Train", "Explain", "Models", "Audio", "Graphs", "OneDNN", "Tensors", "Files"],
      exclude: ["Golden"]),
    tests(of: "Reports", ["Reports", "Figures", "Explain", "Files", "Tensors"]),
    tests(
      of: "Jobs",
      [
        "Jobs", "Reports", "Figures", "Catalogue", "Train", "Probe", "Explain", "Models", "Graphs", "Audio",
        "Tensors", "Files",
      ]),
    tests(of: "CommandLine", ["Audio", "Tensors", "Files"]),
  ],
  swiftLanguageModes: [.v6]
)
