/** A descriptor chain as a drawing: a box for each descriptor, and an arrow for the way its bytes go. */
import type { RequestRow } from '../../result/result.ts';
import type { ChainExcerpt } from '../run-excerpt.ts';
import { count } from '../words.ts';
import { html, type Markup } from './markup.ts';

const WIDTH = 360;
const BOX = { width: 244, height: 46, pitch: 68 };
const DEVICE = 328;

/** The drawing, with the same in words for those who do not see it. */
export function chainDrawing({ links, leftOut }: ChainExcerpt): Markup {
  if (links.length === 0) return html`<p class="dim">The chain holds no descriptor.</p>`;
  const height = links.length * BOX.pitch;
  const words = links.map(inWords).join('; ');
  return html`<svg role="img" aria-label="${`Descriptor chain: ${words}`}" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">
<rect class="box" x="${DEVICE}" y="1" width="28" height="${height - 20}" rx="4"/>
<text x="${DEVICE + 18}" y="${(height - 20) / 2}" transform="rotate(-90 ${DEVICE + 18} ${(height - 20) / 2})" text-anchor="middle">device</text>
${links.map((link, index) => linkDrawing(link, index, index < links.length - 1))}
</svg>${leftOut > 0 ? html`<p class="dim">… and ${count(leftOut, 'descriptor')} more</p>` : null}`;
}

function inWords({ descriptor, role, address, length, deviceWritable, expected }: RequestRow): string {
  const wrong = expected === null ? '' : ` (expected: ${expected})`;
  return `descriptor ${descriptor}, ${role === '' ? 'no role' : role}, ${address}, ${length} bytes, ${direction(deviceWritable)}${wrong}`;
}

function direction(deviceWritable: boolean): string {
  return deviceWritable ? 'device writes' : 'device reads';
}

function linkDrawing({ descriptor, role, address, length, deviceWritable, expected }: RequestRow, index: number, hasNext: boolean): Markup {
  const top = index * BOX.pitch + 1;
  const middle = top + BOX.height / 2;
  return html`<g${expected === null ? null : html` class="wrong"`}>
<rect class="box" x="1" y="${top}" width="${BOX.width}" height="${BOX.height}" rx="6"/>
<text x="10" y="${top + 19}">${descriptor}  ${role}  ${length} B</text>
<text class="small" x="10" y="${top + 37}">${address}  ${direction(deviceWritable)}</text>
${expected === null ? null : html`<text class="says" x="80" y="${top + BOX.height + 16}">expected: ${expected}</text>`}
<path class="arrow" d="M${BOX.width + 4} ${middle}H${DEVICE - 4}"/>
${deviceWritable ? arrowHead(BOX.width + 3, middle, 9) : arrowHead(DEVICE - 2, middle, -9)}
${hasNext ? html`<path class="arrow" d="M24 ${top + BOX.height}v${BOX.pitch - BOX.height - 2}"/><text class="small" x="32" y="${top + BOX.height + 16}">next</text>` : null}
</g>`;
}

/** `back`: the distance from the tip to the base of the arrow's head. */
function arrowHead(x: number, y: number, back: number): Markup {
  return html`<path class="head" d="M${x} ${y}l${back} -5v10z"/>`;
}
