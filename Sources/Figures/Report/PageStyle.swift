/// How a report looks: one accent colour, pictures on white in light and in dark, one column on a phone.
enum PageStyle {
  /// The tool's mark: the view into an ear.
  static let mark = """
    <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><g fill="none" stroke="currentColor" \
    stroke-width="2" stroke-linecap="round"><circle cx="12" cy="12" r="10"/><path d="M8 12v0M12 7.5v9M16 10v4"/>\
    </g></svg>
    """

  /// A triangle while the sound rests, two bars while it plays.
  static let playIcon = """
    <svg viewBox="0 0 24 24" aria-hidden="true"><path class="go" d="M9 6.5v11l9-5.5z"/>\
    <path class="rest" d="M8 6.5h3v11H8zM13.5 6.5h3v11h-3z"/></svg>
    """

  static let css = """
    :root {
      --accent: #0b6f6a; --on-accent: #fff; --ink: #1c2026; --quiet: #5a626d; --line: #e2e4e8;
      --ground: #f7f7f5; --card: #fff; --tint: #eef5f4;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --accent: #63c7bd; --on-accent: #0d2321; --ink: #e6e8eb; --quiet: #a0a8b3; --line: #333941;
        --ground: #15181c; --card: #1e2227; --tint: #20302f;
      }
    }
    * { box-sizing: border-box; }
    html { color-scheme: light dark; scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
    body {
      margin: 0 auto; max-width: 1120px; padding: 48px 32px 64px; background: var(--ground); color: var(--ink);
      font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
    }
    h1, h2, h3, h4, p, dl, dd, ol, ul { margin: 0; }
    h1 { font-size: 2.1rem; line-height: 1.2; font-weight: 650; letter-spacing: -.015em; overflow-wrap: anywhere; }
    h2 { font-size: 1.5rem; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; overflow-wrap: anywhere; }
    h3 { font-size: 1.05rem; font-weight: 600; color: var(--quiet); }
    h4 { font-size: 1.2rem; line-height: 1.3; font-weight: 650; overflow-wrap: anywhere; }
    code { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace;
      overflow-wrap: anywhere; }
    a { color: var(--accent); text-underline-offset: 3px; overflow-wrap: anywhere; }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
    [hidden] { display: none !important; }

    .brand { display: flex; align-items: center; gap: 8px; color: var(--accent); font-weight: 600;
      margin-bottom: 28px; }
    .facts { display: grid; grid-template-columns: auto 1fr; gap: 4px 20px; margin: 24px 0 28px; font-size: .95rem; }
    .facts div { display: contents; }
    .picture + .picture { margin-top: 16px; }
    dt { color: var(--quiet); }
    dd { overflow-wrap: anywhere; }
    .lead { max-width: 46rem; margin-bottom: 20px; }
    .guide { border: 1px solid var(--line); border-radius: 12px; background: var(--card); }
    .guide summary { cursor: pointer; padding: 14px 20px; font-weight: 600; color: var(--accent); }
    .guide div { padding: 0 20px 20px; max-width: 46rem; }
    .guide p, .guide ul, .guide h3 { margin-top: 12px; }
    .guide ul { padding-left: 20px; }
    .guide li + li { margin-top: 6px; }
    nav { margin-top: 36px; }
    nav h2 { font-size: 1.05rem; color: var(--quiet); }
    nav ol { padding-left: 22px; margin-top: 8px; }
    nav span { color: var(--quiet); margin-left: 8px; font-variant-numeric: tabular-nums; }

    .sound { margin-top: 56px; padding-top: 40px; border-top: 1px solid var(--line); }
    .sound-head, .explanation-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 16px;
      margin-bottom: 16px; }
    .duration, .target { color: var(--quiet); font-variant-numeric: tabular-nums; }
    .target { overflow-wrap: anywhere; }
    .target strong { color: var(--ink); }
    .note { border-left: 3px solid var(--accent); padding: 4px 0 4px 14px; margin-bottom: 16px; }
    .sound > h3 { margin: 48px 0 16px; }
    .explanation { background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: 28px;
      margin-top: 24px; }

    .picture { background: #fff; border: 1px solid var(--line); border-radius: 12px; overflow-x: auto; }
    .frame { position: relative; min-width: 660px; }
    .frame img { display: block; width: 100%; height: auto; border-radius: 12px; }
    .seek { position: absolute; cursor: pointer; touch-action: pan-x pan-y; }
    .seek:focus-visible { outline-offset: 1px; }
    .cursor { position: absolute; top: 0; bottom: 0; left: 0; width: 2px; margin-left: -1px; background: #fff;
      box-shadow: 0 0 0 1px rgba(0, 0, 0, .75); opacity: 0; pointer-events: none; }
    .cursor.placed { opacity: 1; }

    .players { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 16px; }
    .player { display: flex; align-items: center; gap: 12px; padding: 8px 18px 8px 8px; border-radius: 32px;
      border: 1px solid var(--line); background: var(--card); color: var(--ink); font: inherit; cursor: pointer;
      text-align: left; }
    .player svg { flex: none; width: 40px; height: 40px; padding: 8px; border-radius: 50%; fill: var(--on-accent);
      background: var(--accent); }
    .player .rest, .player.playing .go { display: none; }
    .player.playing .rest { display: inline; }
    .player.playing { border-color: var(--accent); background: var(--tint); }
    .player:hover { border-color: var(--accent); }
    .player:disabled { opacity: .5; cursor: default; }
    .words { display: grid; line-height: 1.25; }
    .words b { font-weight: 600; }
    .words small, .time { color: var(--quiet); font-size: .85rem; }
    .time { min-width: 6.2em; text-align: right; font-variant-numeric: tabular-nums; }
    .native p { font-size: .9rem; color: var(--quiet); }
    .native audio { width: 300px; max-width: 100%; }
    .enhanced .native { display: none; }

    .classes { width: 100%; margin-top: 28px; border-collapse: collapse; font-size: .95rem; }
    .classes caption { text-align: left; color: var(--quiet); font-weight: 600; padding-bottom: 6px; }
    .classes thead { position: absolute; clip-path: inset(50%); }
    .classes th, .classes td { padding: 5px 0; font-weight: 400; text-align: left; }
    .classes th { width: 30%; padding-right: 20px; overflow-wrap: anywhere; }
    .classes tbody tr:first-child th { font-weight: 600; }
    .classes td { display: flex; align-items: center; gap: 14px; }
    .bar { flex: 1; height: 10px; border-radius: 5px; background: var(--line); overflow: hidden; }
    .bar i { display: block; height: 100%; min-width: 2px; border-radius: 5px; background: var(--accent); }
    .value { min-width: 3.4em; text-align: right; font-variant-numeric: tabular-nums; }
    .parameters { display: grid; grid-template-columns: repeat(auto-fill, minmax(180px, 1fr)); gap: 14px 24px;
      margin-top: 24px; padding-top: 20px; border-top: 1px solid var(--line); font-size: .92rem; }
    .parameters:empty { display: none; }
    .parameters dt { font-size: .85rem; }
    footer { margin-top: 64px; padding-top: 20px; border-top: 1px solid var(--line); color: var(--quiet);
      font-size: .9rem; }

    @media (max-width: 640px) {
      body { padding: 28px 16px 40px; }
      h1 { font-size: 1.6rem; }
      .facts { grid-template-columns: 1fr; gap: 10px; }
      .facts div { display: block; }
      .explanation { padding: 18px 14px; border-radius: 12px; }
      .player { width: 100%; }
      .time { margin-left: auto; }
      .classes th { width: 42%; padding-right: 12px; }
      .parameters { grid-template-columns: 1fr 1fr; gap: 12px 16px; }
    }
    @media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
    @media print {
      :root { --ground: #fff; --card: #fff; --ink: #000; --quiet: #444; --line: #ccc; --accent: #0b6f6a; }
      body { max-width: none; padding: 0; font-size: 10pt; }
      .players, .guide, nav { display: none; }
      .frame { min-width: 0; }
      .cursor { display: none; }
      .explanation { padding: 12pt 0; border: 0; }
      .explanation, .overview, tr { break-inside: avoid; }
      h2, h3, h4 { break-after: avoid; }
      .bar, .bar i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    }
    """
}
