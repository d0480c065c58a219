/** The worker process of `npm run fuzz`. */
import { KINDS } from './kinds/index.ts';
import { work } from './work.ts';

await work(KINDS, JSON.parse(process.argv[2]!));
