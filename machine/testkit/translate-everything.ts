/** For a run of the suite in which the translator takes all code that is executed more than a few times (vitest.config.ts). */
import { HOT } from '../exec/translator.ts';

HOT.samples = 1;
HOT.firstSlice = 29;
HOT.slice = 4_000;
