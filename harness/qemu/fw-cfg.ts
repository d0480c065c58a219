/** QEMU's `-fw_cfg`: named files for firmware. Reference: QEMU's manual, "Invocation". Left out: `gen_id`, with which QEMU makes the bytes. */
import { configNameProblem } from '../../machine/spec/fw-cfg.ts';
import { utf8Bytes } from '../bytes/text.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { onlyKeys, parseList } from './list.ts';
import type { Mistakes } from './mistakes.ts';
import type { ConfigSettings } from './settings.ts';

export function resolveConfig(texts: readonly string[], mistakes: Mistakes): ConfigSettings[] {
  const configs = texts.flatMap((text) => mistakes.attempt(() => parseConfig(text)) ?? []);
  const problem = configNameProblem(configs.map(({ name }) => name));
  if (problem !== undefined)
    mistakes.add(`-fw_cfg name=${configs[problem.index]!.name}: ${problem.message}; give it another name, or leave it out`);
  return configs;
}

function parseConfig(text: string): ConfigSettings {
  const list = parseList('-fw_cfg', text, 'name');
  onlyKeys('-fw_cfg', list, ['name', 'file', 'string']);
  const { name = '', file, string } = Object.fromEntries(list);
  if ((file === undefined) === (string === undefined))
    throw new UsageError(`-fw_cfg ${text}: write name=NAME,file=FILE or name=NAME,string=TEXT`);
  return { name, from: file === undefined ? { bytes: utf8Bytes(string!) } : { file } };
}
