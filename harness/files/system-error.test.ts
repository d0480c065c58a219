import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { HostError, onHost, onPath, PathError, systemReason } from './system-error.ts';

function refusal(code: string): Error {
  return Object.assign(new Error(`${code}: open '/home/ta/x'`), { code, errno: -1, syscall: 'open' });
}

const fail = (error: unknown) => () => {
  throw error;
};

it.each(['EIO', 'EMFILE', 'ENFILE', 'ESTALE', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT', 'ENOMEM', 'EROFS', 'EINTR', 'EHWPOISON'])(
  '%s is the fault of this computer',
  (code) => {
    expect(() => onPath('reading x', fail(refusal(code)))).toThrow(HostError);
    expect(() => onPath('reading x', fail(refusal(code)))).toThrow(/^reading x failed: /);
  },
);

it.each(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'ENXIO', 'EEXIST'])('%s is the fault of the path', (code) => {
  expect(() => onPath('reading x', fail(refusal(code)))).toThrow(PathError);
  // Of a file that is our own, nobody else is to blame.
  expect(() => onHost('reading x', fail(refusal(code)))).toThrow(HostError);
});

it('knows what Node has no name for', () => {
  const error = Object.assign(new Error('Unknown system error -116: read'), {
    code: 'Unknown system error -116',
    errno: -constants.errno.ESTALE,
  });
  expect(() => onPath('reading x', fail(error))).toThrow('reading x failed: the file server no longer knows it');
});

it('knows when there is no memory, and takes no wrong length for it', () => {
  for (const words of ['Array buffer allocation failed', 'WebAssembly.Memory(): could not allocate memory']) {
    expect(() => onPath('reading x', fail(new RangeError(words)))).toThrow('reading x failed: this computer is out of memory');
  }
  const bug = new RangeError('Invalid string length');
  expect(() => onPath('reading x', fail(bug))).toThrow(bug);
});

it('tells nothing of this computer in the reason', () => {
  try {
    onPath('reading /home/ta/x', fail(refusal('EIO')));
  } catch (error) {
    expect((error as HostError).reason).toBe('input or output error');
  }
});

it('lets our own mistakes through', () => {
  const bug = new TypeError('x is not a function');
  const wrongCall = Object.assign(new TypeError('The "path" argument must be a string'), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const error of [bug, wrongCall]) {
    expect(() => onPath('reading x', fail(error))).toThrow(error);
    expect(() => onHost('reading x', fail(error))).toThrow(error);
    expect(() => systemReason(error)).toThrow(error);
  }
});
