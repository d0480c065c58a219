/** Timer extension (SBI v2.0, chapter 6). */
import { eid, type SbiExtension, success } from './extension.ts';

export const timeExtension: SbiExtension = {
  name: 'TIME',
  id: eid('TIME'),
  functions: [
    (port, [time]) => {
      port.setTimer(time);
      return success();
    },
  ],
};
