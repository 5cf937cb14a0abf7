import Hummingbird

extension Studio {
  func addJobRoutes(to api: StudioRoutes) {}
}
