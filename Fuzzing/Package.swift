// swift-tools-version: 6.2
import PackageDescription

// A fuzz target for the ONNX reader, apart from the program because everything in it is built with instrumentation:
// see docs/fuzzing.md. `Rooms` is the program's own Sources.
let house: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")

func room(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Rooms/\(name)", exclude: exclude, swiftSettings: house)
}

let package = Package(
  name: "Fuzzing",
  dependencies: [.package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0")],
  targets: [
    .systemLibrary(name: "COneDNN", path: "Rooms/System/COneDNN", pkgConfig: "dnnl"),
    .systemLibrary(name: "CZlib", path: "Rooms/System/CZlib", pkgConfig: "zlib"),
    room("Files", []),
    room("Tensors", ["Files", "CZlib"]),
    .systemLibrary(name: "CFFTW", path: "Rooms/System/CFFTW", pkgConfig: "fftw3"),
    room("Fourier", ["CFFTW"]),
    room("OneDNN", ["COneDNN", "Tensors"]),
    room("Graphs", ["Files", "Tensors", "OneDNN", "Fourier", protobuf], exclude: ["ONNX/onnx.proto"]),
    .target(name: "Meter", path: "Meter"),
    .executableTarget(
      name: "FuzzONNX", dependencies: ["Graphs", "Tensors", "OneDNN", "Meter", protobuf], path: "FuzzONNX",
      swiftSettings: house),
  ],
  swiftLanguageModes: [.v6]
)
