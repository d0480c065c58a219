/** What a run did to its devices and images, folded. */
import { hex } from '../../bytes/hex.ts';
import type { DeviceEvidence } from '../../evidence/evidence.ts';
import type { ImageExcerpt } from '../run-excerpt.ts';
import { count } from '../words.ts';
import { html, type Markup } from './markup.ts';

export function deviceSection(device: DeviceEvidence): Markup {
  const { drive, statusWrites, deviceFeatures, driverFeatures, queueSize, notifies, interruptsRaised, interruptsAcknowledged } = device;
  return html`<details><summary>Device <bdi>${drive}</bdi>${device.broken === null ? null : html` <b class="failed">broken</b>`}</summary><div>
${device.broken === null ? null : html`<p class="failed">${device.broken}</p>`}
<dl><dt>Status writes</dt><dd class="mono">${statusWrites.map(hex).join(' ') || 'none'}</dd>
<dt>features</dt><dd class="mono">offered ${deviceFeatures}, accepted ${driverFeatures}</dd>
<dt>queue size</dt><dd>${queueSize}</dd>
<dt>notifies</dt><dd>${notifies}</dd>
<dt>interrupts</dt><dd>${interruptsRaised} raised, ${interruptsAcknowledged} acknowledged</dd>
<dt>never notified</dt><dd>${count(device.unnotified, 'chain')}</dd></dl></div></details>`;
}

export function imageSection({ drive, size, changed, sectors }: ImageExcerpt): Markup {
  const rest = changed - sectors.length;
  const list = `${sectors.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`;
  return html`<details><summary>Image <bdi>${drive}</bdi>: ${count(changed, 'sector')} changed</summary><div>
<p>${count(size, 'byte')}${changed === 0 ? '' : `; changed: ${list}`}</p></div></details>`;
}
