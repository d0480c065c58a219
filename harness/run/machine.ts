/**
 * What the command `bootgrade run` sees of the machine. Only `run/` and `explain/` import `machine/` (layers.test.ts): the command
 * line drives the machine through here.
 */
export {
  CpuOptionError,
  createMachine,
  type Disk,
  type DriveOptions,
  GuestFileError,
  type Machine,
  type MachineOptions,
  type RunResult,
  type TracedDevice,
  type TracedRequest,
} from '../../machine/index.ts';
