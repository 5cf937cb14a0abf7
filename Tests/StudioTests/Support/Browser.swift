import Foundation
import Glibc
import TestSupport

/// Chromium without a window, driven by Debian's chromedriver: plain WebDriver over HTTP.
final class Browser: Sendable {
  private let driver: LocalHTTP
  private let process: ChildProcess
  private let session: String
  private let folder: String

  /// Whether the machine has what it takes; `scripts/setup` installs it.
  static let isInstalled = ["/usr/bin/chromium", "/usr/bin/chromedriver"].allSatisfy { (path: String) in
    access(path, X_OK) == 0
  }

  /// - Parameters:
  ///   - microphone: a WAV file that the browser hears instead of a microphone.
  ///   - isDark: which colours the system prefers.
  init(width: Int = 1280, height: Int = 900, microphone: String? = nil, isDark: Bool = false) throws {
    folder = NSTemporaryDirectory() + "browser-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    process = try ChildProcess(
      ["chromedriver", "--port=0"], outputPath: folder + "/chromedriver.txt", setting: ["TMPDIR": folder])
    let port = try process.wait(for: "port of chromedriver") { text in
      text.components(separatedBy: "started successfully on port ").dropFirst().first
        .flatMap { Int($0.prefix { $0.isNumber }) }
    }
    driver = LocalHTTP(port: port)
    var flags = [
      "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars",
      "--window-size=\(max(width, 500)),\(height)", "--user-data-dir=\(folder)/profile", "--no-first-run",
      "--autoplay-policy=no-user-gesture-required", "--use-fake-ui-for-media-stream",
      "--use-fake-device-for-media-stream", "--disable-background-networking", "--disable-component-update",
    ]
    if let microphone { flags.append("--use-file-for-fake-audio-capture=\(microphone)") }
    let capabilities: [String: Any] = [
      "capabilities": [
        "alwaysMatch": [
          "browserName": "chrome", "goog:chromeOptions": ["args": flags, "binary": "/usr/bin/chromium"],
          "goog:loggingPrefs": ["browser": "ALL", "performance": "ALL"],
        ]
      ]
    ]
    let answer = try driver.post("/session", json: capabilities)
    guard let value = try answer.json()["value"] as? [String: Any], let id = value["sessionId"] as? String
    else {
      throw ChildFailure("no browser: \(answer.text)")
    }
    session = id
    // A window of Chromium is no narrower than 500 pixels; a page can be.
    _ = try command(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false])
    _ = try command(
      "Emulation.setEmulatedMedia",
      ["features": [["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]]])
  }

  deinit { end() }

  func end() {
    _ = try? driver.send("DELETE", "/session/\(session)", timeout: 5)
    process.end()
    try? FileManager.default.removeItem(atPath: folder)
  }

  // MARK: - Commands

  private func value(_ method: String, _ path: String, _ json: [String: Any]? = nil) throws -> Any? {
    let answer =
      method == "POST"
      ? try driver.post("/session/\(session)\(path)", json: json ?? [:])
      : try driver.send(method, "/session/\(session)\(path)")
    let value = try answer.json()["value"]
    guard answer.status == 200 else {
      let words = (value as? [String: Any])?["message"] as? String ?? answer.text
      throw ChildFailure("\(path): \(words.prefix(600))")
    }
    return value is NSNull ? nil : value
  }

  func open(_ address: String) throws { _ = try value("POST", "/url", ["url": address]) }

  var address: String { (try? value("GET", "/url") as? String) ?? "" }

  func reload() throws { _ = try value("POST", "/refresh") }

  /// The value of a script's `return`.
  @discardableResult
  func run(_ script: String, _ arguments: Any...) throws -> Any? {
    try value("POST", "/execute/sync", ["script": script, "args": arguments])
  }

  /// Waits until a script returns something true.
  @discardableResult
  func wait(for what: String, within seconds: Double = 60, _ script: String) throws -> Any {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
      if let found = try run(script), (found as? Bool) != false { return found }
      usleep(30_000)
    }
    let page = (try? run("return document.body.innerText.slice(0, 500)") as? String) ?? ""
    throw ChildFailure("no \(what) within \(seconds) s at \(address): \(page)")
  }

  /// The element that a selector finds, once it is there.
  func find(_ selector: String, within seconds: Double = 30) throws -> Element {
    let end = Date().addingTimeInterval(seconds)
    while true {
      do {
        let found = try value("POST", "/element", ["using": "css selector", "value": selector])
        if let id = (found as? [String: String])?.values.first { return Element(browser: self, id: id) }
      } catch  where Date() < end {
        usleep(30_000)
        continue
      }
      if Date() > end { throw ChildFailure("no element \(selector)") }
    }
  }

  struct Element {
    fileprivate let browser: Browser
    fileprivate let id: String

    private func value(_ method: String, _ path: String, _ json: [String: Any]? = nil) throws -> Any? {
      try browser.value(method, "/element/\(id)\(path)", json)
    }

    func click() throws { _ = try value("POST", "/click") }
    func type(_ text: String) throws { _ = try value("POST", "/value", ["text": text]) }
    func attribute(_ name: String) throws -> String? { try value("GET", "/attribute/\(name)") as? String }
    func text() throws -> String { try value("GET", "/text") as? String ?? "" }

    /// In pixels of the window.
    func rectangle() throws -> (x: Double, y: Double, width: Double, height: Double) {
      let script = "const r = arguments[0].getBoundingClientRect(); return [r.x, r.y, r.width, r.height]"
      let reference = ["element-6066-11e4-a52e-4f735466cecf": id]
      let numbers = try browser.run(script, reference) as? [NSNumber] ?? []
      guard numbers.count == 4 else { throw ChildFailure("no rectangle") }
      return (numbers[0].doubleValue, numbers[1].doubleValue, numbers[2].doubleValue, numbers[3].doubleValue)
    }
  }

  /// Presses at the first point, moves along the others, lets go at the last; in pixels of the window.
  func drag(_ points: [(x: Double, y: Double)], milliseconds: Int = 40) throws {
    var actions: [[String: Any]] = []
    for (number, point) in points.enumerated() {
      actions.append([
        "type": "pointerMove", "duration": number == 0 ? 0 : milliseconds, "x": Int(point.x),
        "y": Int(point.y),
        "origin": "viewport",
      ])
      if number == 0 { actions.append(["type": "pointerDown", "button": 0]) }
    }
    actions.append(["type": "pointerUp", "button": 0])
    _ = try value(
      "POST", "/actions",
      [
        "actions": [
          ["type": "pointer", "id": "mouse", "parameters": ["pointerType": "mouse"], "actions": actions]
        ]
      ])
  }

  /// Presses keys, one after another.
  func press(_ keys: String) throws {
    let actions = keys.flatMap { key in
      ["keyDown", "keyUp"].map { ["type": $0, "value": String(key)] as [String: Any] }
    }
    _ = try value("POST", "/actions", ["actions": [["type": "key", "id": "keyboard", "actions": actions]]])
  }

  /// The window as a PNG.
  func screenshot() throws -> Data {
    guard let text = try value("GET", "/screenshot") as? String, let data = Data(base64Encoded: text) else {
      throw ChildFailure("no screenshot")
    }
    return data
  }

  // MARK: - What the browser noticed

  /// What was written to the console as a warning or an error since this was last asked.
  func complaints() throws -> [String] {
    let entries = try value("POST", "/se/log", ["type": "browser"]) as? [[String: Any]] ?? []
    return entries.filter { ["SEVERE", "WARNING"].contains($0["level"] as? String ?? "") }
      .map { $0["message"] as? String ?? "" }
  }

  /// The addresses that were asked for since this was last asked.
  func requests() throws -> [String] {
    let entries = try value("POST", "/se/log", ["type": "performance"]) as? [[String: Any]] ?? []
    return try entries.compactMap { entry in
      guard let text = entry["message"] as? String,
        let message = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
        let event = message["message"] as? [String: Any],
        event["method"] as? String == "Network.requestWillBeSent",
        let request = (event["params"] as? [String: Any])?["request"] as? [String: Any]
      else { return nil }
      return request["url"] as? String
    }
  }
}

extension Browser {
  /// The roles of things to use that the accessibility tree has no name for.
  func namelessControls() throws -> [String] {
    let controls: Set<String> = [
      "button", "link", "checkbox", "radio", "combobox", "listbox", "option", "slider", "spinbutton",
      "textbox",
      "searchbox", "switch", "tab", "menuitem", "menuitemradio", "MenuListPopup", "img", "image",
      "application", "dialog",
    ]
    _ = try command("Accessibility.enable", [:])
    let nodes = try command("Accessibility.getFullAXTree", [:])?["nodes"] as? [[String: Any]] ?? []
    return nodes.compactMap { node in
      guard node["ignored"] as? Bool != true,
        let role = (node["role"] as? [String: Any])?["value"] as? String,
        controls.contains(role), role != "MenuListPopup"
      else { return nil }
      let name = (node["name"] as? [String: Any])?["value"] as? String ?? ""
      return name.trimmingCharacters(in: .whitespaces).isEmpty ? role : nil
    }
  }

  /// A command of the DevTools protocol.
  private func command(_ name: String, _ parameters: [String: Any]) throws -> [String: Any]? {
    try value("POST", "/goog/cdp/execute", ["cmd": name, "params": parameters]) as? [String: Any]
  }
}
