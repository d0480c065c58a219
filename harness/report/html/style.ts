/** The style sheet of both pages. Colours are pairs for light and dark with a contrast of at least 4.5 (WCAG 2.2, 1.4.3). */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fff; --panel: #f5f6f8; --text: #1b1f24; --dim: #57606a; --line: #d0d7de; --link: #0b57d0;
  --passed: #116329; --failed: #b3151f; --skipped: #57606a; --errored: #8a4600;
  --passed-fill: #2da44e; --failed-fill: #d1242f; --skipped-fill: #8c959f; --errored-fill: #bf8700;
  --found: #fbe3e4; --wanted: #dcf2e2; --culprit: #fff3c4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1318; --panel: #181d24; --text: #e6eaf0; --dim: #a2abb8; --line: #38414d; --link: #8ab8ff;
    --passed: #6fd58a; --failed: #ff9492; --skipped: #a2abb8; --errored: #f0b45a;
    --passed-fill: #3fb45e; --failed-fill: #e5534b; --skipped-fill: #7d8694; --errored-fill: #d29922;
    --found: #46202a; --wanted: #17392a; --culprit: #4a3b12;
  }
}
* { box-sizing: border-box; }
/* What has the focus is not to be under the table's header. */
html { scroll-padding-top: 5rem; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 64rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
p { margin: .25rem 0; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
pre, code, .mono { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .85rem; }
pre { margin: .5rem 0; padding: .75rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; overflow: auto; }
.console { display: flex; flex-direction: column-reverse; max-height: 32rem; overflow: auto; margin: .5rem 0; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
.console pre, .console p { margin: 0; padding: .75rem; border: 0; background: none; overflow: visible; }
.console pre { min-width: max-content; }
.console b { color: var(--link); }
.beside { display: grid; gap: 0 1.5rem; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }
.beside > div { min-width: 0; }
.told { border-left: 4px solid var(--failed-fill); padding-left: .75rem; margin: .5rem 0 1rem; }
.requests td, .requests th { padding: .2rem .6rem .2rem 0; }
.dim { color: var(--dim); }
.passed { color: var(--passed); } .failed { color: var(--failed); } .skipped { color: var(--skipped); } .errored { color: var(--errored); }
.total { font-size: 1.5rem; font-weight: 700; }
.mark { display: inline-block; width: 1.25em; text-align: center; font-weight: 700; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; }
summary { padding: .5rem .75rem; cursor: pointer; }
details > div { padding: 0 .75rem .75rem; }
ul.checks { list-style: none; margin: 0; padding: 0; }
.row { display: flex; gap: .5rem; align-items: baseline; }
summary .row { display: inline-flex; width: calc(100% - 1.5rem); }
.row .grow { flex: 1; }
.plain { border: 1px solid var(--line); border-radius: 6px; padding: .5rem .75rem .5rem 2rem; margin: .4rem 0; }
.hint { border-left: 4px solid var(--link); padding-left: .75rem; margin: .5rem 0; }
.wanted, .found, .same, .around, .culprit { display: block; min-width: max-content; }
.around { color: var(--dim); } .culprit { background: var(--culprit); font-weight: 700; }
.wanted { background: var(--wanted); } .found { background: var(--found); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0; }
dt { color: var(--dim); } dd { margin: 0; min-width: 0; }
.scroll { overflow-x: auto; }
svg { max-width: 100%; }
svg text { fill: var(--text); font: 13px ui-monospace, "DejaVu Sans Mono", monospace; }
svg .small { font-size: 12px; fill: var(--dim); }
svg .box { fill: var(--panel); stroke: var(--line); stroke-width: 1.5; }
svg .arrow { stroke: var(--dim); stroke-width: 2; fill: none; }
svg .head { fill: var(--dim); }
svg .wrong .box { stroke: var(--failed-fill); stroke-width: 2.5; }
svg .wrong .arrow { stroke: var(--failed-fill); stroke-dasharray: 5 3; }
svg .wrong .head { fill: var(--failed-fill); }
svg text.says { fill: var(--failed); font-weight: 700; }
svg .axis { stroke: var(--line); stroke-width: 1; }
svg .bar { fill: var(--link); } svg .bar.bad { fill: var(--failed-fill); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number { text-align: right; white-space: nowrap; }
th button { all: unset; cursor: pointer; font-weight: 700; white-space: nowrap; }
th button::after { content: " \\2195"; color: var(--dim); font-weight: 400; }
th button:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
th[aria-sort=ascending] button::after { content: " \\25B2"; color: inherit; } th[aria-sort=descending] button::after { content: " \\25BC"; color: inherit; }
.controls { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: .5rem 0; }
.controls[hidden] { display: none; }
.controls label { display: grid; gap: .2rem; }
input, select { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--dim); border-radius: 6px; padding: .35rem .5rem; max-width: 100%; }
.bars th, .bars td { border: 0; padding: .15rem .6rem .15rem 0; font-weight: 400; }
.bars .wide { width: 50%; }
#submissions thead { position: sticky; top: 0; background: var(--page); box-shadow: 0 1px var(--line); }
#submissions th:nth-child(3) { text-align: right; }
.meter { display: flex; height: .9rem; margin-top: .35rem; border-radius: 3px; background: var(--panel); overflow: hidden; }
.meter .failed { background: var(--failed-fill); } .meter .errored { background: var(--errored-fill); }
.meter .skipped { background: var(--skipped-fill); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .5rem 0; }
.counts { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; margin: .5rem 0; }
.counts b { font-size: 1.3rem; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .5rem; font-size: .85rem; color: var(--dim); }
@media (max-width: 56rem) { .beside { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 40rem) {
  .wide { display: none; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .3rem; }
  /* A submission in two lines: what it is and got; what is wrong with it. */
  #submissions, #submissions thead, #submissions tbody { display: block; }
  #submissions tr:not([hidden]) { display: grid; grid-template-columns: 1fr 6.5rem 5.5rem; border-bottom: 1px solid var(--line); padding: .25rem 0; }
  #submissions th, #submissions td { border: 0; padding: .15rem .25rem; min-width: 0; }
  #submissions th:nth-child(4), #submissions td:nth-child(4) { grid-column: 1 / -1; }
  #submissions td:nth-child(4):empty { display: none; }
}
@media print { details { break-inside: avoid; } .console { max-height: none; } }
`;
