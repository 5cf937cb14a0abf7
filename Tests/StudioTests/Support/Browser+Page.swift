import Foundation

/// The page's own parts, by the hooks that it has for tests.
extension Browser {
  static func hook(_ name: String) -> String { "[data-test=\"\(name)\"]" }

  func hook(_ name: String, within seconds: Double = 30) throws -> Element {
    try find(Self.hook(name), within: seconds)
  }

  /// Waits until the picture of a clip is drawn, and, where they are told, for a method and a target.
  func waitForPicture(method: String? = nil, target: String? = nil, within seconds: Double = 60) throws {
    let conditions = [
      "s && s.dataset.state === 'ready'", method.map { "s.dataset.method === '\($0)'" },
      target.map { "s.dataset.target === '\($0)'" },
    ].compactMap(\.self)
    try wait(
      for: "picture of \(method ?? "any method"), \(target ?? "any target")", within: seconds,
      "const s = document.querySelector('\(Self.hook("spectrogram"))'); return Boolean(\(conditions.joined(separator: " && ")))"
    )
  }

  /// Chooses an entry of a menu.
  func choose(_ value: String, in name: String) throws {
    let found = try run(
      """
      const menu = document.querySelector(arguments[0]);
      const select = menu && (menu.matches('select') ? menu : menu.querySelector('select'));
      if (!select || ![...select.options].some((option) => option.value === arguments[1])) return false;
      select.value = arguments[1];
      select.dispatchEvent(new Event('input', { bubbles: true }));
      select.dispatchEvent(new Event('change', { bubbles: true }));
      return true;
      """, Self.hook(name), value)
    guard found as? Bool == true else {
      let options = try run(
        "const m = document.querySelector(arguments[0]); return m ? [...m.querySelectorAll('option')].map((o) => o.value).join(' ') : 'no menu'",
        Self.hook(name))
      throw ChildFailure("no '\(value)' in \(name): \(options ?? "")")
    }
  }

  /// The values of a menu.
  func options(of name: String) throws -> [String] {
    try run(
      """
      const menu = document.querySelector(arguments[0]);
      const select = menu && (menu.matches('select') ? menu : menu.querySelector('select'));
      return select ? [...select.options].map((option) => option.value) : [];
      """, Self.hook(name)) as? [String] ?? []
  }

  /// The scores that the page shows, by class.
  func scores() throws -> [String: Double] {
    let pairs =
      try run(
        """
        return [...document.querySelectorAll('\(Self.hook("classes")) [data-class]')]
          .map((row) => [row.dataset.class, Number(row.dataset.score)]);
        """) as? [[Any]] ?? []
    return Dictionary(
      pairs.compactMap { pair in
        (pair.first as? String).flatMap { name in (pair.last as? NSNumber).map { (name, $0.doubleValue) } }
      }, uniquingKeysWith: { first, _ in first })
  }

  /// Lets go of a file over the page, as a hand does.
  func drop(_ bytes: [UInt8], as name: String) throws {
    try run(
      """
      const bytes = Uint8Array.from(atob(arguments[0]), (letter) => letter.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], arguments[1]));
      for (const type of ['dragenter', 'dragover', 'drop']) {
        document.querySelector('main').dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
      }
      """, Data(bytes).base64EncodedString(), name)
  }

  /// Whether a canvas of the element shows more than a few colours.
  func isDrawn(_ name: String) throws -> Bool {
    try run(
      """
      for (const canvas of document.querySelectorAll('\(Self.hook(name)) canvas, canvas\(Self.hook(name))')) {
        const copy = new OffscreenCanvas(64, 64);
        const context = copy.getContext('2d');
        context.drawImage(canvas, 0, 0, 64, 64);
        const pixels = new Uint32Array(context.getImageData(0, 0, 64, 64).data.buffer);
        if (new Set(pixels).size > 16) return true;
      }
      return false;
      """) as? Bool ?? false
  }
}
