/// What a reader has to know before believing a picture.
enum PageGuide {
  static let html = """
    <p class="lead">Colour shows <em>where</em> in the sound a decision came from, not <em>why</em> it was made, and no
    method is right on every model: listen to what was heard and ignored, and compare methods, before you build on one.</p>
    <details class="guide">
    <summary>How to read this page</summary>
    <div>
    <p>Each picture shows a sound: time from left to right, pitch from bottom to top, in the bands the model
    listens in. <strong>Grey is loudness</strong>, lighter is louder. <strong>Colour is the explanation</strong>:
    the brighter, the more a place has to do with the class named above it. Where a picture has both blue and
    orange, orange speaks for the class and blue against it. A pointed end of the colour bar says that a few
    values lie beyond it.</p>
    <p>Play <b>Clip</b> for the whole sound, <b>Heard</b> for only what the explanation says mattered, and
    <b>Ignored</b> for the rest. Change between them while they play: they go on at the same moment. Click into a
    picture, or use the arrow keys on it, to move in time.</p>
    <h3>What it does not say</h3>
    <ul>
    <li>That a bark is lit does not prove that the model knows
    dogs; it may know the room they were recorded in.</li>
    <li>Methods disagree, and some draw convincing pictures whatever the model has learned. Before trusting one on
    this model, check it: change the sound where the picture says it matters and see whether the score follows.</li>
    <li>Colours are relative to the picture they are in. Compare values by the colour bars, not by brightness.</li>
    <li>Layers see a stretch of time and a range of pitch at once; a map of a deep layer is no finer than that,
    even though it is drawn on the sound's own grid.</li>
    <li>Heard and Ignored are made by masking the sound. Masking leaves traces of its own.</li>
    </ul>
    </div>
    </details>
    """
}
