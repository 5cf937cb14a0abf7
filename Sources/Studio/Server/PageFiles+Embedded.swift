/// The page's files as the compiler embeds them, by name.
extension PageFiles {
  static let embedded: [String: @Sendable () -> [UInt8]] = [
    "api.js": { PackageResources.api_js },
    "app.js": { PackageResources.app_js },
    "axis.js": { PackageResources.axis_js },
    "colors.js": { PackageResources.colors_js },
    "controls.js": { PackageResources.controls_js },
    "dom.js": { PackageResources.dom_js },
    "format.js": { PackageResources.format_js },
    "gestures.js": { PackageResources.gestures_js },
    "icons.js": { PackageResources.icons_js },
    "index.html": { PackageResources.index_html },
    "keyboard.js": { PackageResources.keyboard_js },
    "mark.svg": { PackageResources.mark_svg },
    "marks.js": { PackageResources.marks_js },
    "player.js": { PackageResources.player_js },
    "plot.js": { PackageResources.plot_js },
    "raster.js": { PackageResources.raster_js },
    "spectrogram.js": { PackageResources.spectrogram_js },
    "state.js": { PackageResources.state_js },
    "studio.js": { PackageResources.studio_js },
    "style.css": { PackageResources.style_css },
    "ticks.js": { PackageResources.ticks_js },
    "timeline.js": { PackageResources.timeline_js },
    "view-clip.js": { PackageResources.view_clip_js },
    "view-home.js": { PackageResources.view_home_js },
  ]
}
