/** A run's requests along the guest's time, from the driver's notify to the device's answer. */
import { guestTime } from '../../evidence/guest-time.ts';
import type { TimeLineBar, TimeLineExcerpt } from '../run-excerpt.ts';
import { count } from '../words.ts';
import { html, type Markup } from './markup.ts';

/** Up to here, each bar has its number above it. */
const NUMBERED = 12;
const LANE = { top: 18, height: 18, pitch: 32 };
/** Percent of the width that a bar takes at least. */
const NARROWEST = 0.8;

/** The stretch of time that is drawn: that of the requests, without the boot before them or a hang after them. */
interface Span {
  readonly from: number;
  readonly to: number;
}

function spanOf(bars: readonly TimeLineBar[]): Span {
  const from = Math.min(...bars.map(({ time }) => time));
  const last = Math.max(...bars.map(({ time, completed }) => completed ?? time));
  return { from, to: last + Math.max(1, (last - from) / 20) };
}

function percent({ from, to }: Span, time: number): number {
  return Math.round(((time - from) / (to - from)) * 10000) / 100;
}

interface Options {
  /** The id of the request at a position; null if the page has none. */
  readonly anchor: (position: number) => string | null;
  /** Bars. */
  readonly most: number;
}

export function timeLine(line: TimeLineExcerpt, { anchor, most }: Options): Markup | null {
  const shown = line.bars.slice(0, most);
  const leftOut = line.leftOut + line.bars.length - shown.length;
  if (shown.length === 0) return null;
  const span = spanOf(shown);
  const drives = [...new Set(shown.map(({ drive }) => drive))];
  const top = (lane: number) => LANE.top + lane * LANE.pitch;
  const bottom = top(drives.length) - 8;
  const bars = shown.map((one) => {
    const place = { span, top: top(drives.indexOf(one.drive)), numbered: shown.length <= NUMBERED };
    return bar(one, place, one.position === null ? null : anchor(one.position));
  });
  return html`<svg role="group" aria-label="${`Time line of ${count(shown.length, 'request')}`}" width="100%" height="${bottom + 20}">
${drives.map((_, lane) => html`<line class="axis" x1="0" x2="100%" y1="${top(lane) + 9}" y2="${top(lane) + 9}"/>`)}
${bars}
<line class="axis" x1="0" x2="100%" y1="${bottom}" y2="${bottom}"/>
<text class="small" x="0" y="${bottom + 15}">${guestTime(span.from, 4)}</text>
<text class="small" x="100%" y="${bottom + 15}" text-anchor="end">${guestTime(span.to, 4)}</text>
</svg>${drives.length > 1 ? html`<p class="dim">From above: ${drives.join(', ')}.</p>` : null}${
    leftOut > 0 ? html`<p class="dim">${count(leftOut, 'later request')} not drawn.</p>` : null
  }`;
}

interface Place {
  readonly span: Span;
  readonly top: number;
  readonly numbered: boolean;
}

/** The bar of a request that never completed reaches to the end. */
function bar({ number, drive, time, completed, bad }: TimeLineBar, { span, top, numbered }: Place, href: string | null): Markup {
  const start = Math.min(100 - NARROWEST, percent(span, time));
  const width = Math.max(NARROWEST, percent(span, completed ?? span.to) - start);
  const title = `request #${number} to ${drive}, after ${guestTime(time)}${completed === null ? ', never completed' : ''}`;
  const drawing = html`<rect class="${bad ? 'bar bad' : 'bar'}" x="${start}%" y="${top}" width="${width}%" height="${LANE.height}" rx="2"><title>${title}</title></rect>${
    numbered ? html`<text class="small" x="${start}%" y="${top - 4}">#${number}</text>` : null
  }`;
  return href === null ? drawing : html`<a href="#${href}" aria-label="${title}">${drawing}</a>`;
}
