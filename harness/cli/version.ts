/** What results and `--version` call this tool. */
import description from '../../package.json' with { type: 'json' };

export const VERSION: string = description.version;

/** E.g. "bootgrade 0.1.0". */
export const TOOL = `${description.name} ${VERSION}`;
