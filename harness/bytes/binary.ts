/**
 * Bytes as a binary string, one character for each byte, which the platform can search fast and without a bad worst case; and base64, which
 * it makes from such a string.
 */
import { utf8Bytes } from './text.ts';

/** Bytes that are turned into characters by one call: as many arguments as every engine takes. A multiple of 3, as base64 needs. */
const TOGETHER = 3 * 8192;

export function binaryOf(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += TOGETHER) binary += String.fromCharCode(...bytes.subarray(at, at + TOGETHER));
  return binary;
}

/** The text's bytes in UTF-8. */
export function binaryOfText(text: string): string {
  return binaryOf(utf8Bytes(text));
}

export function bytesOfBinary(binary: string): Uint8Array {
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

export function base64Of(bytes: Uint8Array): string {
  return btoa(binaryOf(bytes));
}

/** Throws if the text is not base64. */
export function binaryOfBase64(base64: string): string {
  return atob(base64);
}

export function bytesOfBase64(base64: string): Uint8Array {
  return bytesOfBinary(atob(base64));
}
