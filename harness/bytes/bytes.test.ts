/** What these make is held against Node's own, on bytes of every length and value. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Of, binaryOfBase64, binaryOfText, bytesOfBase64, bytesOfBinary } from './binary.ts';
import { bytesOfHex, hexOf } from './hex.ts';
import { Sha256, sha256 } from './sha256.ts';
import { utf8Bytes, utf8Text } from './text.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
/** Longer than what is turned into characters by one call. */
const LONG = Uint8Array.from({ length: 100_001 }, (_, at) => (at * at) >> 3);
const text = fc.string({ unit: 'binary' });

describe('SHA-256', () => {
  // FIPS 180-2, appendix B; and NIST's example of no bytes.
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('of an example of the standard: %.10s', (content, digest) => {
    expect(sha256(content)).toBe(digest);
  });

  it("is Node's, for every length around that of a block", () => {
    for (let length = 0; length <= 200; length++) {
      const content = LONG.subarray(0, length);
      expect(sha256(content), `${length} bytes`).toBe(createHash('sha256').update(content).digest('hex'));
    }
  });

  it('does not depend on how the bytes come', () => {
    const whole = (parts: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest('hex');
    fc.assert(
      fc.property(fc.array(bytes), (parts) => {
        const hash = new Sha256();
        for (const part of parts) hash.update(part);
        expect(hash.digest()).toBe(whole(parts));
      }),
    );
  });
});

describe('texts of bytes', () => {
  it('in hex and in base64 are those of Node, and can be read back', () => {
    const check = (content: Uint8Array) => {
      expect(hexOf(content)).toBe(Buffer.from(content).toString('hex'));
      expect(base64Of(content)).toBe(Buffer.from(content).toString('base64'));
      expect(bytesOfHex(hexOf(content).toUpperCase())).toEqual(content);
      expect(bytesOfBase64(base64Of(content))).toEqual(content);
      expect(bytesOfBinary(binaryOfBase64(base64Of(content)))).toEqual(content);
    };
    check(LONG);
    fc.assert(fc.property(bytes, check));
  });

  it('in UTF-8 are those of Node, a byte order mark included', () => {
    expect(utf8Text(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe('\ufeffA');
    fc.assert(
      fc.property(bytes, text, (content, characters) => {
        expect(utf8Text(content)).toBe(Buffer.from(content).toString('utf8'));
        expect([...utf8Bytes(characters)]).toEqual([...Buffer.from(characters, 'utf8')]);
        expect(binaryOfText(characters)).toBe(Buffer.from(characters, 'utf8').toString('latin1'));
      }),
    );
  });
});
