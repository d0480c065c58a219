/** Numbers of DWARF that are used here. Reference: DWARF 5, 7.5.2 (units), 7.5.3 (tags), 7.5.4 (attributes). */

export const TAG = {
  formalParameter: 0x05,
  lexicalBlock: 0x0b,
  compileUnit: 0x11,
  inlinedSubroutine: 0x1d,
  subprogram: 0x2e,
  variable: 0x34,
  skeletonUnit: 0x4a,
} as const;

export const AT = {
  name: 0x03,
  stmtList: 0x10,
  lowPc: 0x11,
  highPc: 0x12,
  compDir: 0x1b,
  abstractOrigin: 0x31,
  specification: 0x47,
  ranges: 0x55,
  callFile: 0x58,
  callLine: 0x59,
  linkageName: 0x6e,
  strOffsetsBase: 0x72,
  addrBase: 0x73,
  rnglistsBase: 0x74,
} as const;

/** What is read of variables besides, where somebody asks for them. */
export const VARIABLE_AT = { location: 0x02, declFile: 0x3a, declLine: 0x3b, loclistsBase: 0x8c } as const;

export const UNIT = { compile: 1, type: 2, partial: 3, skeleton: 4, splitCompile: 5, splitType: 6 } as const;
