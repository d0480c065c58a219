/** The page's document and its style sheet, as the build writes them (build/web.mjs). All addresses are relative: the page works from any path. */
import { html, trusted } from '../report/html/markup.ts';
import { STYLE } from '../report/html/style.ts';
import { PAGE_MARK } from '../vocabulary/course.ts';

export { PAGE_MARK } from '../vocabulary/course.ts';

/**
 * Nothing from elsewhere, no connection to anywhere, and scripts from the page's own files alone. `wasm-unsafe-eval` allows WebAssembly and nothing
 * else: kernels are translated into it. Styles may be written into documents, as the report and the terminal do: there is nothing that they could load.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "worker-src 'self' blob:",
  'frame-src blob:',
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export const INDEX_PAGE = html`<!doctype html>
<!-- ${PAGE_MARK} -->
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>bootgrade</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="style.css">
<script src="course.js" defer></script>
<script src="app.js" defer></script>
</head>
<body>
<main>
<h1 id="title">bootgrade</h1>
<p>Checks your kernel before you hand it in, in this page: it boots it in an emulated machine and grades it by the course’s rubric. Nothing leaves
this computer.</p>
<noscript><p class="failed">This page needs JavaScript and WebAssembly.</p></noscript>
<section id="choose" aria-labelledby="choose-heading">
<h2 id="choose-heading">Your kernel, or the folder of your lab</h2>
<p>Drop it here, or choose it. The folder shows the lines of your sources in the report as well. An archive has to be unpacked first.</p>
<p class="buttons">
<label class="button">Choose a kernel<input type="file" id="file"></label>
<label class="button" id="folder-label">Choose a folder<input type="file" id="folder" webkitdirectory></label>
<button type="button" id="pick-folder" hidden>Choose a folder</button>
<button type="button" id="again" hidden>Grade it again</button>
<button type="button" id="boot" hidden>Boot it and type</button>
</p>
</section>
<p id="problem" role="alert" class="failed"></p>
<section id="progress" aria-label="Progress" hidden>
<progress id="bar" aria-label="Runs that are done" max="1"></progress>
<button type="button" id="stop">Stop</button>
</section>
<p id="status" role="status"></p>
<section id="live" aria-labelledby="live-heading" hidden>
<h2 id="live-heading">Live machine</h2>
<p class="buttons">
<button type="button" id="live-pause">Pause</button>
<button type="button" id="live-step">To the next request</button>
<button type="button" id="live-off">Switch off</button>
</p>
<p id="live-status" role="status"></p>
<div class="scroll"><div id="live-terminal"></div></div>
<p id="live-counts" class="dim"></p>
<div id="live-requests"></div>
</section>
<section id="result" aria-labelledby="result-heading" hidden>
<h2 id="result-heading" tabindex="-1">Report</h2>
<p class="buttons">
<button type="button" id="save-report">Save the report</button>
<button type="button" id="save-result">Save the result (JSON)</button>
</p>
<iframe id="report" title="Report" sandbox="allow-same-origin"></iframe>
</section>
<footer><span id="tool"></span> · <a href="licences.txt">licences of what is in this page</a></footer>
</main>
</body>
</html>
`.text;

export const PAGE_STYLE = `${STYLE}
[hidden] { display: none !important; }
#choose { border: 2px dashed var(--dim); border-radius: 8px; padding: 0 1rem 1rem; margin: 1rem 0; }
#choose.over { border-color: var(--link); background: var(--panel); }
#choose h2 { margin-top: .75rem; }
.buttons { display: flex; flex-wrap: wrap; gap: .5rem; }
.button, main button { font: inherit; color: var(--text); background: var(--panel); border: 1px solid var(--dim); border-radius: 6px; padding: .5rem .9rem; cursor: pointer; min-height: 2.75rem; }
main button:disabled { color: var(--dim); border-color: var(--line); cursor: default; }
.button:hover, main button:enabled:hover { border-color: var(--link); }
.button:focus-within { outline: 3px solid var(--link); outline-offset: 2px; }
.button { position: relative; display: inline-flex; align-items: center; }
/* Seen by screen readers and reached by the keyboard; its label is what is drawn. */
.button input { position: absolute; inset: 0; width: 100%; height: 100%; opacity: 0; cursor: pointer; }
#progress { display: flex; gap: .75rem; align-items: center; }
#bar { flex: 1; height: 1rem; accent-color: var(--link); }
#status { min-height: 1.5em; }
#status.done { font-size: 1.2rem; font-weight: 700; }
#live-terminal { min-width: max-content; }
#report { width: 100%; height: 80vh; border: 1px solid var(--line); border-radius: 6px; background: var(--page); }
`;
