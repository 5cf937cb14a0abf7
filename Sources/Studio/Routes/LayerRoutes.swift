import Hummingbird

extension Studio {
  func addLayerRoutes(to api: StudioRoutes) {}
}
