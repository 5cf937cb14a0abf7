/// How an evaluation looks, beyond what all pages share: a table that fits a wide screen, and small multiples.
enum EvaluationStyle {
  static let css = """

    :root { --warn: #8a5200; --warn-ground: #fdf4e3; --warn-line: #e9c98d; --best: #3f9d95; }
    @media (prefers-color-scheme: dark) {
      :root { --warn: #f0b968; --warn-ground: #2b2419; --warn-line: #6d5428; --best: #2f8179; }
    }
    body { max-width: 1320px; }
    .part { margin-top: 64px; scroll-margin-top: 20px; }
    .part > h2 { margin-bottom: 12px; }
    .advice { background: var(--tint); border: 1px solid var(--accent); border-radius: 16px; padding: 22px 28px; }
    .advice h2, .warnings h2 { font-size: .85rem; letter-spacing: .06em; text-transform: uppercase;
      color: var(--accent); }
    .advice p { font-size: 1.2rem; line-height: 1.5; margin-top: 6px; max-width: 58rem; overflow-wrap: anywhere; }
    .warnings { margin-top: 16px; background: var(--warn-ground); border: 1px solid var(--warn-line);
      border-radius: 16px; padding: 20px 28px; }
    .warnings h2 { color: var(--warn); }
    .warnings ul { list-style: none; padding: 0; margin-top: 8px; columns: 2 28rem; column-gap: 40px;
      font-size: .95rem; }
    .warnings li { break-inside: avoid; padding: 3px 0 3px 16px; text-indent: -16px; overflow-wrap: anywhere; }
    .warnings li::before { content: "!"; display: inline-block; width: 16px; text-indent: 0; font-weight: 700;
      color: var(--warn); }
    .contents { display: flex; flex-wrap: wrap; gap: 8px 24px; margin-top: 24px; }

    .scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 12px; background: var(--card); }
    .ranking { display: flex; flex-wrap: wrap; align-items: center; }
    .ranking > h2, .ranking > .lead, .ranking > .scroll { flex: 0 0 100%; min-width: 0; }
    .ranking .lead { max-width: none; }
    .ranking .scroll { margin-top: 16px; }
    .legend { display: inline-flex; align-items: center; gap: 8px; font-size: .85rem; color: var(--quiet);
      white-space: nowrap; margin-left: auto; }
    .legend i { width: 120px; height: 12px; border-radius: 6px; border: 1px solid var(--line);
      background: linear-gradient(in oklab to right, var(--card), var(--best)); }
    .ranking > input { position: absolute; opacity: 0; }
    .ranking > label { padding: 6px 16px; border: 1px solid var(--line); background: var(--card); font-size: .9rem;
      cursor: pointer; margin-left: -1px; }
    .ranking > input:first-of-type + label { border-radius: 20px 0 0 20px; margin-left: 0; }
    .ranking > label:last-of-type { border-radius: 0 20px 20px 0; }
    .ranking > input:checked + label { background: var(--accent); border-color: var(--accent);
      color: var(--on-accent); font-weight: 600; }
    .ranking > input:focus-visible + label { outline: 3px solid var(--accent); outline-offset: 2px; z-index: 1; }
    .interval { display: none; }
    #view-intervals:checked ~ .scroll .interval { display: block; }
    .by-group, #view-groups:checked ~ .scroll .criterion { display: none; }
    #view-groups:checked ~ .scroll .by-group { display: table-cell; }

    .sortable { width: 100%; border-collapse: separate; border-spacing: 0; font-size: .8rem; line-height: 1.25;
      font-variant-numeric: tabular-nums; }
    .sortable th, .sortable td { padding: 4px 5px; border-bottom: 1px solid var(--line); text-align: right;
      white-space: nowrap; font-weight: 400; }
    .sortable tbody tr:last-child > * { border-bottom: 0; }
    .sortable .first { border-left: 1px solid var(--line); }
    .sortable .groups th { border-bottom: 0; padding: 10px 6px 0; text-align: left; font-weight: 600;
      vertical-align: bottom; color: var(--quiet); white-space: nowrap; }
    .sortable .groups .narrow { text-align: center; }
    .sortable .narrow span { writing-mode: vertical-rl; transform: rotate(180deg); }
    .sortable thead th { vertical-align: bottom; background: var(--card); }
    .sortable button { font: inherit; color: inherit; background: none; border: 0; padding: 0; text-align: inherit; }
    .enhanced .sortable button { cursor: pointer; }
    .enhanced .sortable button:hover { color: var(--accent); }
    .sortable thead .criterion:not([colspan]) { text-align: center; }
    .sortable thead .criterion button { max-height: 150px; }
    .sortable thead .criterion button span { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left;
      white-space: normal; max-height: 150px; line-height: 1.1; }
    .sortable th[aria-sort] button { color: var(--accent); font-weight: 700; }
    .sortable .mean button::after, .sortable .name button::after, .sortable .place button::after,
    .sortable .share button::after, .sortable .by-group button::after { content: ""; }
    .sortable th[aria-sort=ascending] button::after { content: " ▴"; }
    .sortable th[aria-sort=descending] button::after { content: " ▾"; }
    .sortable .by-group { text-align: center; }
    .sortable .place { color: var(--quiet); padding-left: 10px; }
    .sortable .name { position: sticky; left: 0; z-index: 1; background: var(--card); text-align: left;
      white-space: normal; min-width: 176px; max-width: 210px; overflow-wrap: anywhere; font-weight: 600; }
    .sortable thead .name { font-weight: 400; }
    .sortable td.criterion, .sortable td.by-group { text-align: center;
      background: color-mix(in oklab, var(--best) var(--shade, 0%), var(--card)); }
    .sortable td.unknown { color: var(--quiet); }
    .sortable small { font-size: .68rem; }
    .sortable td small { color: var(--quiet); }
    .sortable td.criterion .interval { color: inherit; opacity: .8; }
    .sortable tbody tr:hover > * { box-shadow: inset 0 1px var(--accent), inset 0 -1px var(--accent); }
    .mean div { display: flex; align-items: center; justify-content: flex-end; gap: 8px; }
    .whisker { position: relative; flex: none; width: 84px; height: 10px; margin-right: 4px; }
    .whisker::before { content: ""; position: absolute; left: 0; right: 0; top: 4.5px; height: 1px;
      background: var(--line); }
    .whisker i { position: absolute; top: 3px; height: 4px; min-width: 2px; border-radius: 2px;
      background: var(--accent); opacity: .45; }
    .whisker b { position: absolute; top: 1px; width: 8px; height: 8px; margin-left: -4px; border-radius: 50%;
      border: 1px solid var(--card);
      background: var(--accent); }
    .control th, .control td { font-style: italic; }
    .sortable .control .name { font-weight: 400; }
    .control .whisker i, .control .whisker b { background: var(--quiet); }
    .tag { margin-left: 6px; padding: 0 5px; border: 1px solid var(--line); border-radius: 8px; color: var(--quiet);
      font-style: normal; white-space: nowrap; }
    .failure { display: block; color: var(--warn); font-weight: 400; font-style: normal; line-height: 1.2; }
    .failure::before { content: "✗ "; }
    .sortable .failing .place { box-shadow: inset 4px 0 var(--warn-line); }

    .card { background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: 20px; margin: 0; }
    .curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(780px, 100%), 1fr)); gap: 20px; }
    .drawing { background: #fff; border-radius: 8px; margin-top: 10px; overflow-x: auto; }
    .drawing img { display: block; width: 100%; min-width: 660px; max-width: 1000px; height: auto; margin: 0 auto; }
    .curves figcaption { font-size: .9rem; color: var(--quiet); margin-top: 10px; }
    .curves h3 { color: var(--ink); }

    .clip { margin-top: 36px; padding-top: 28px; border-top: 1px solid var(--line); }
    .clip h3 { font-size: 1.2rem; color: var(--ink); overflow-wrap: anywhere; }
    .original { max-width: 820px; }
    .multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(184px, 1fr)); gap: 14px;
      margin-top: 20px; }
    .multiple { margin: 0; min-width: 0; background: var(--card); border: 1px solid var(--line);
      border-radius: 10px; overflow: hidden; }
    .multiple .picture { border: 0; border-bottom: 1px solid var(--line); border-radius: 0; overflow: hidden; }
    .multiple .frame { min-width: 0; }
    .multiple .frame img { border-radius: 0; }
    .multiple figcaption { padding: 6px 8px; font-size: .85rem; min-width: 0; }
    .multiple .player { width: 100%; align-items: flex-start; gap: 8px; padding: 0; border: 0; border-radius: 8px; background: none; }
    .multiple .player svg { width: 28px; height: 28px; padding: 5px; }
    .multiple .player:hover b, .multiple .playing b { color: var(--accent); }
    .multiple .time { display: none; }
    .multiple .words { min-width: 0; overflow-wrap: anywhere; }
    .multiple .words small { font-variant-numeric: tabular-nums; }
    .multiple .native audio { width: 100%; }

    .notes { padding-left: 20px; max-width: 58rem; }
    .notes li + li { margin-top: 6px; }
    .definitions { width: 100%; min-width: 620px; border-collapse: collapse; font-size: .92rem; line-height: 1.45; }
    .definitions th, .definitions td { padding: 8px 14px; text-align: left; vertical-align: top;
      border-top: 1px solid var(--line); }
    .definitions thead th { border-top: 0; color: var(--quiet); font-weight: 400; }
    .definitions th { font-weight: 600; }
    .definitions td:nth-child(3) { white-space: nowrap; }
    .definitions code { font-weight: 400; color: var(--quiet); }
    .definitions .group th { background: var(--tint); color: var(--accent); }
    .definitions .number { text-align: right; }

    @media (max-width: 640px) {
      .advice, .warnings { padding: 16px 18px; }
      .advice p { font-size: 1.05rem; }
      .ranking > label { padding: 6px 11px; font-size: .82rem; }
      .sortable .name { min-width: 134px; max-width: 134px; }
      .sortable .whisker { display: none; }
      .legend { margin: 10px 0 0; }
      .multiples { grid-template-columns: repeat(auto-fill, minmax(142px, 1fr)); gap: 10px; }
      .card { padding: 14px; }
    }
    @media print {
      .contents, .ranking > input, .ranking > label { display: none; }
      .scroll { overflow: visible; border: 0; }
      .sortable { font-size: 6.5pt; }
      .multiple, .card { break-inside: avoid; }
      .drawing img { min-width: 0; }
      .multiples { grid-template-columns: repeat(5, 1fr); }
      td.criterion, td.by-group, .whisker i, .whisker b { print-color-adjust: exact;
        -webkit-print-color-adjust: exact; }
    }
    """
}
