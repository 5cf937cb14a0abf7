extension Report {
  /// What the explanations of many sounds for one class have in common.
  public struct Average: Sendable {
    /// What it answers: "Which bands make it say Dog?"
    public var title: String
    /// How many sounds it is made of.
    public var clips: Int
    public var methods: [Method]

    public init(title: String, clips: Int, methods: [Method] = []) {
      self.title = title
      self.clips = clips
      self.methods = methods
    }

    /// What one method says.
    public struct Method: Sendable {
      public var name: String
      public var pictures: [Picture]
      public var parameters: [Parameter]

      public init(name: String, pictures: [Picture], parameters: [Parameter] = []) {
        self.name = name
        self.pictures = pictures
        self.parameters = parameters
      }
    }
  }

  func add(_ average: Average, _ index: Int, to page: inout Page) {
    page.add(
      """
      <section class="sound" id="average-\(index + 1)" aria-labelledby="average-\(index + 1)-name">
      <div class="sound-head"><h2 id="average-\(index + 1)-name">\(HTML.escaped(average.title))</h2>
      <p class="duration">mean of \(average.clips) sounds</p></div>
      """)
    for method in average.methods {
      page.add(
        "<article class=\"explanation\"><div class=\"explanation-head\"><h3>\(HTML.escaped(method.name))</h3></div>"
      )
      for picture in method.pictures {
        page.add(#"<div class="picture"><div class="frame">"#)
        page.addImage(picture)
        page.add("</div></div>")
      }
      page.add(#"<dl class="facts remarks">"#)
      for parameter in method.parameters {
        page.add(Page.fact(HTML.escaped(parameter.name), HTML.escaped(parameter.value)))
      }
      page.add("</dl></article>")
    }
    page.add("</section>")
  }
}
