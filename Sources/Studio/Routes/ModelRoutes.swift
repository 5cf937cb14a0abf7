import Hummingbird

extension Studio {
  func addModelRoutes(to api: StudioRoutes) {}
}
