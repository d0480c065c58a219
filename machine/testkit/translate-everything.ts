/** For a run of the tests in which all code that is executed more than a few times is translated (vitest.config.ts). */
import { HOT } from '../exec/translator.ts';

HOT.samples = 1;
HOT.firstSlice = 29;
HOT.slice = 4_000;
