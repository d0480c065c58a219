/** The frame of both pages: everything inside one file, nothing from the network, and a policy that holds browsers to it. */
import { html, type Markup, trusted } from './markup.ts';
import { STYLE } from './style.ts';

export interface Page {
  readonly title: string;
  readonly body: Markup;
  /** An inline script of our own, and its SHA-256 in base64, which the policy names. */
  readonly script?: { readonly text: string; readonly sha256: string };
}

export function page({ title, body, script }: Page): string {
  const scripts = script === undefined ? '' : ` script-src 'sha256-${script.sha256}';`;
  const policy = `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';${scripts}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
${body}
</main>
${script === undefined ? null : html`<script>${trusted(script.text)}</script>`}
</body>
</html>
`.text;
}
