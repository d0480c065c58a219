/**
 * Operations, operands and what the real instruction gave: recorded by executing each one, in a program of its own, under QEMU
 * 10.0.2's user-mode emulation (qemu-riscv64, for halves with -cpu max), with fcsr's flags cleared before. The expected values are QEMU's, not this project's.
 *
 * One line is `operation format mode operands -> bits flags`. Format is h, s or d, mode is `-` where the instruction has none. Operands,
 * bits and flags are hexadecimal: patterns of the format (not NaN-boxed), or of a 64-bit integer register.
 */
export const vectors = `
fadd s rne 3f800000 bf800000 -> 00000000 00
fadd s rtz 3f800000 bf800000 -> 00000000 00
fadd s rdn 3f800000 bf800000 -> 80000000 00
fadd s rup 3f800000 bf800000 -> 00000000 00
fadd s rmm 3f800000 bf800000 -> 00000000 00
fadd s rdn 00000000 80000000 -> 80000000 00
fadd s rdn 00000000 00000000 -> 00000000 00
fadd s rdn 80000000 80000000 -> 80000000 00
fadd s rdn 7f800000 ff800000 -> 7fc00000 10
fadd s rne 00000000 80000000 -> 00000000 00
fadd s rne 3f800000 33800000 -> 3f800000 01
fadd s rtz 3f800000 33800000 -> 3f800000 01
fadd s rdn 3f800000 33800000 -> 3f800000 01
fadd s rup 3f800000 33800000 -> 3f800001 01
fadd s rmm 3f800000 33800000 -> 3f800001 01
fadd s rne bf800001 b3800000 -> bf800002 01
fadd s rtz bf800001 b3800000 -> bf800001 01
fadd s rdn bf800001 b3800000 -> bf800002 01
fadd s rup bf800001 b3800000 -> bf800001 01
fadd s rmm bf800001 b3800000 -> bf800002 01
fadd s rdn 7f7fffff 76000001 -> 7f7fffff 05
fadd s rmm ff7fffff 80b5a7d0 -> ff7fffff 01
fadd d rne 3ff0000000000000 0000000000000001 -> 3ff0000000000000 01
fadd d rtz 3ff0000000000000 0000000000000001 -> 3ff0000000000000 01
fadd d rdn 3ff0000000000000 0000000000000001 -> 3ff0000000000000 01
fadd d rup 3ff0000000000000 0000000000000001 -> 3ff0000000000001 01
fadd d rmm 3ff0000000000000 0000000000000001 -> 3ff0000000000000 01
fadd d rup ffeffffffffe0000 ffe0004000000000 -> ffefffffffffffff 05
fadd d rdn 002ffffffffffeff 7fefffffffffffff -> 7fefffffffffffff 01
fsub s rdn 7f7ffdff fd000001 -> 7f7fffff 05
fsub s rdn ff000000 7efffffd -> ff7fffff 01
fsub d rne 4008000000000000 4008000000000000 -> 0000000000000000 00
fsub d rdn 4008000000000000 4008000000000000 -> 8000000000000000 00
fsub d rne 7ff0000000000000 7ff0000000000000 -> 7ff8000000000000 10
fsub d rne 7ff0000000000001 3ff0000000000000 -> 7ff8000000000000 10
fsub d rdn 7fefffff7fffffff ffd330522f3a7f21 -> 7fefffffffffffff 05
fsub d rup 7fdfffffffffffff ffdffffffffffffe -> 7fefffffffffffff 01
fmul s rne 7f7fffff 40000000 -> 7f800000 05
fmul s rtz 7f7fffff 40000000 -> 7f7fffff 05
fmul s rdn 7f7fffff 40000000 -> 7f7fffff 05
fmul s rup 7f7fffff 40000000 -> 7f800000 05
fmul s rmm 7f7fffff 40000000 -> 7f800000 05
fmul s rne ff7fffff 40000000 -> ff800000 05
fmul s rtz ff7fffff 40000000 -> ff7fffff 05
fmul s rdn ff7fffff 40000000 -> ff800000 05
fmul s rup ff7fffff 40000000 -> ff7fffff 05
fmul s rmm ff7fffff 40000000 -> ff800000 05
fmul s rne 00000001 3f000000 -> 00000000 03
fmul s rtz 00000001 3f000000 -> 00000000 03
fmul s rdn 00000001 3f000000 -> 00000000 03
fmul s rup 00000001 3f000000 -> 00000001 03
fmul s rmm 00000001 3f000000 -> 00000001 03
fmul s rne 80000001 3f000000 -> 80000000 03
fmul s rtz 80000001 3f000000 -> 80000000 03
fmul s rdn 80000001 3f000000 -> 80000001 03
fmul s rup 80000001 3f000000 -> 80000000 03
fmul s rmm 80000001 3f000000 -> 80000001 03
fmul s rmm b97fffff 067fffff -> 807fffff 03
fmul s rdn 7e7fffff 7e7ffffb -> 7f7fffff 05
fmul d rne 7ff0000000000000 8000000000000000 -> 7ff8000000000000 10
fmul d rtz c318000000000000 ffcfffffff7fffff -> 7fefffffffffffff 05
fmul d rtz 888fffffffffffff b76fffffffffffff -> 000fffffffffffff 03
fdiv s rne 3f800000 00000000 -> 7f800000 08
fdiv s rne 3f800000 80000000 -> ff800000 08
fdiv s rne 00000000 80000000 -> 7fc00000 10
fdiv s rne 7f800000 00000000 -> 7f800000 00
fdiv s rne 7f800000 ff800000 -> 7fc00000 10
fdiv s rne bf800000 7f800000 -> 80000000 00
fdiv s rne 7fc00001 00000000 -> 7fc00000 00
fdiv s rdn 107fffff cf800000 -> 80800000 03
fdiv s rup cbefffff 0b000010 -> ff7fffff 05
fdiv d rne 3ff0000000000000 4008000000000000 -> 3fd5555555555555 01
fdiv d rtz 3ff0000000000000 4008000000000000 -> 3fd5555555555555 01
fdiv d rdn 3ff0000000000000 4008000000000000 -> 3fd5555555555555 01
fdiv d rup 3ff0000000000000 4008000000000000 -> 3fd5555555555556 01
fdiv d rmm 3ff0000000000000 4008000000000000 -> 3fd5555555555555 01
fdiv d rne bff0000000000000 4008000000000000 -> bfd5555555555555 01
fdiv d rtz bff0000000000000 4008000000000000 -> bfd5555555555555 01
fdiv d rdn bff0000000000000 4008000000000000 -> bfd5555555555556 01
fdiv d rup bff0000000000000 4008000000000000 -> bfd5555555555555 01
fdiv d rmm bff0000000000000 4008000000000000 -> bfd5555555555555 01
fdiv d rdn 0bdfffffffffffff 4bc0000000000000 -> 000fffffffffffff 03
fdiv d rup d86ffbffffffffff 0020000000000000 -> ffefffffffffffff 05
fsqrt s rne 80000000 -> 80000000 00
fsqrt s rne bf800000 -> 7fc00000 10
fsqrt s rne ffc00000 -> 7fc00000 00
fsqrt s rne 7f800001 -> 7fc00000 10
fsqrt s rne ff800000 -> 7fc00000 10
fsqrt s rne 7f800000 -> 7f800000 00
fsqrt s rne 00000001 -> 1a3504f3 01
fsqrt s rne 7f7fffff -> 5f7fffff 01
fsqrt s rmm d4000000 -> 7fc00000 10
fsqrt s rmm 0d008000 -> 26355f5f 01
fsqrt d rne 4000000000000000 -> 3ff6a09e667f3bcd 01
fsqrt d rtz 4000000000000000 -> 3ff6a09e667f3bcc 01
fsqrt d rdn 4000000000000000 -> 3ff6a09e667f3bcc 01
fsqrt d rup 4000000000000000 -> 3ff6a09e667f3bcd 01
fsqrt d rmm 4000000000000000 -> 3ff6a09e667f3bcd 01
fsqrt d rdn bcc3c669027d8b94 -> 7ff8000000000000 10
fsqrt d rmm fffffff000000000 -> 7ff8000000000000 00
fmadd s rne 7f800000 00000000 7fc00000 -> 7fc00000 10
fmadd s rne 80000000 7f800000 7fc00000 -> 7fc00000 10
fmadd s rne 3f800000 3f800000 7f800001 -> 7fc00000 10
fmadd s rne 7f800000 3f800000 ff800000 -> 7fc00000 10
fmadd s rne 3f800000 3f800000 7fc12345 -> 7fc00000 00
fmadd s rne 3f800000 40000000 40000000 -> 40800000 00
fmadd s rdn 3f800000 40000000 40000000 -> 40800000 00
fmadd s rne 3f800000 40000000 c0000000 -> 00000000 00
fmadd s rdn 3f800000 40000000 c0000000 -> 80000000 00
fmadd s rne 00000000 3f800000 80000000 -> 00000000 00
fmadd s rdn 00000000 3f800000 80000000 -> 80000000 00
fmadd s rmm 015d2f3c 0c000000 007fffff -> 007fffff 03
fmadd s rne aa7fffff 94ffffff 00400000 -> 00800000 03
fmadd d rne 3ff0000000000001 3ff0000000000001 bff0000000000002 -> 3970000000000000 00
fmadd d rup 3ff0000000000001 3ff0000000000001 bff0000000000002 -> 3970000000000000 00
fmadd d rup 0020000000000000 000ffe0000000000 000fffffffffffff -> 0010000000000000 03
fmadd d rdn 000229c3a994a24a 000229c3a994a246 000fffffffffffff -> 000fffffffffffff 03
fmsub s rne 3f800000 40000000 40000000 -> 00000000 00
fmsub s rdn 3f800000 40000000 40000000 -> 80000000 00
fmsub s rne 3f800000 40000000 c0000000 -> 40800000 00
fmsub s rdn 3f800000 40000000 c0000000 -> 40800000 00
fmsub s rne 00000000 3f800000 80000000 -> 00000000 00
fmsub s rdn 00000000 3f800000 80000000 -> 00000000 00
fmsub s rtz 80000001 00000800 007fffff -> 807fffff 03
fmsub s rup fe7fffff 7e7ffffd 7e56bc70 -> ff7fffff 05
fmsub d rne 3ff0000000000001 3ff0000000000001 bff0000000000002 -> 4000000000000002 01
fmsub d rup 3ff0000000000001 3ff0000000000001 bff0000000000002 -> 4000000000000003 01
fmsub d rdn 0db0000040000000 0db0000040000004 800fffffffffffff -> 000fffffffffffff 03
fmsub d rup 9498000000000000 9497fffffffffffe 800fffffffffffff -> 0010000000000000 03
fnmsub s rne 3f800000 40000000 40000000 -> 00000000 00
fnmsub s rdn 3f800000 40000000 40000000 -> 80000000 00
fnmsub s rne 3f800000 40000000 c0000000 -> c0800000 00
fnmsub s rdn 3f800000 40000000 c0000000 -> c0800000 00
fnmsub s rne 00000000 3f800000 80000000 -> 80000000 00
fnmsub s rdn 00000000 3f800000 80000000 -> 80000000 00
fnmsub s rne 3e9d01f1 00000001 807fffff -> 807fffff 03
fnmsub s rup 71000001 71000002 ff7fffff -> ff7fffff 05
fnmsub d rne 3ff0000000000001 3ff0000000000001 bff0000000000002 -> c000000000000002 01
fnmsub d rup 3ff0000000000001 3ff0000000000001 bff0000000000002 -> c000000000000002 01
fnmsub d rmm 9a20000000000000 1a4fffffffffffff 000fffffffffffff -> 000fffffffffffff 03
fnmsub d rtz 7fde221a60552d6e 46afffffffffffff 720d35e2fee00b0f -> ffefffffffffffff 05
fnmadd s rne 3f800000 40000000 40000000 -> c0800000 00
fnmadd s rdn 3f800000 40000000 40000000 -> c0800000 00
fnmadd s rne 3f800000 40000000 c0000000 -> 00000000 00
fnmadd s rdn 3f800000 40000000 c0000000 -> 80000000 00
fnmadd s rne 00000000 3f800000 80000000 -> 00000000 00
fnmadd s rdn 00000000 3f800000 80000000 -> 80000000 00
fnmadd s rtz 0d7fffbf 8d7fffc2 807fffff -> 007fffff 03
fnmadd s rup 9bc00000 10bfffff 807fffff -> 00800000 03
fnmadd d rne 3ff0000000000001 3ff0000000000001 bff0000000000002 -> b970000000000000 00
fnmadd d rup 3ff0000000000001 3ff0000000000001 bff0000000000002 -> b970000000000000 00
fnmadd d rup 000fffffffffffff 0010000000000003 000fffffffffffff -> 800fffffffffffff 03
fnmadd d rdn c260000008000000 7fc795aa57dae749 ffefffffffffffff -> 7fefffffffffffff 05
fmin s - 00000000 80000000 -> 80000000 00
fmin s - 80000000 00000000 -> 80000000 00
fmin s - 7fc12345 3f800000 -> 3f800000 00
fmin s - 3f800000 7f812345 -> 3f800000 10
fmin s - ffc00000 7fc12345 -> 7fc00000 00
fmin s - 7f800001 ffc00000 -> 7fc00000 10
fmin s - ff800080 007fffff -> 007fffff 10
fmin s - ff7fffff 7f800002 -> ff7fffff 10
fmin d - 000fffffffffffff fff18cda6b4cd043 -> 000fffffffffffff 10
fmin d - fff0000000000002 ffefffffffffffff -> ffefffffffffffff 10
fmax s - 00000000 80000000 -> 00000000 00
fmax s - 80000000 00000000 -> 00000000 00
fmax s - 7fc12345 3f800000 -> 3f800000 00
fmax s - 3f800000 7f812345 -> 3f800000 10
fmax s - ffc00000 7fc12345 -> 7fc00000 00
fmax s - 7f800001 ffc00000 -> 7fc00000 10
fmax s - 7f800001 7f7fffff -> 7f7fffff 10
fmax s - 007fffff ffb44e45 -> 007fffff 10
fmax d - fff5180423191292 800fffffffffffff -> 800fffffffffffff 10
fmax d - 7fefffffffffffff fff0000000000003 -> 7fefffffffffffff 10
feq s - 7fc00000 ffbffffd -> 0000000000000000 10
feq s - 80000000 00400000 -> 0000000000000000 00
feq d - 0000000000000000 8000000000000000 -> 0000000000000001 00
feq d - 7ff8000000000000 3ff0000000000000 -> 0000000000000000 00
feq d - 3ff0000000000000 7ff0000000000001 -> 0000000000000000 10
feq d - fff0000000000000 ffefffffffffffff -> 0000000000000000 00
feq d - 7ff0000000000001 fff0000000000000 -> 0000000000000000 10
feq d - fff0000000000000 dae3a32d1fec040d -> 0000000000000000 00
flt s - 7fc00000 803fffff -> 0000000000000000 10
flt s - 7f800000 00400000 -> 0000000000000000 00
flt d - 0000000000000000 8000000000000000 -> 0000000000000000 00
flt d - 7ff8000000000000 3ff0000000000000 -> 0000000000000000 10
flt d - 3ff0000000000000 7ff0000000000001 -> 0000000000000000 10
flt d - fff0000000000000 ffefffffffffffff -> 0000000000000001 00
flt d - 86f0000000000001 7ffed73b452b6ab8 -> 0000000000000000 10
flt d - 800ffffff8000000 8000000000000000 -> 0000000000000001 00
fle s - b55d6e06 7ffffe00 -> 0000000000000000 10
fle s - 80374fe5 00000001 -> 0000000000000001 00
fle d - 0000000000000000 8000000000000000 -> 0000000000000001 00
fle d - 7ff8000000000000 3ff0000000000000 -> 0000000000000000 10
fle d - 3ff0000000000000 7ff0000000000001 -> 0000000000000000 10
fle d - fff0000000000000 ffefffffffffffff -> 0000000000000001 00
fle d - 7ff53a303d0e28de fff53a303d0e28de -> 0000000000000000 10
fle d - 800fffffffff0000 800ffffffffeffff -> 0000000000000001 00
fclass s - ff800000 -> 0000000000000001 00
fclass s - bf800000 -> 0000000000000002 00
fclass s - 807fffff -> 0000000000000004 00
fclass s - 80000000 -> 0000000000000008 00
fclass s - 00000000 -> 0000000000000010 00
fclass s - 00000001 -> 0000000000000020 00
fclass s - 00800000 -> 0000000000000040 00
fclass s - 7f800000 -> 0000000000000080 00
fclass s - 7f800001 -> 0000000000000100 00
fclass s - 7fc00000 -> 0000000000000200 00
fclass d - fff0000000000000 -> 0000000000000001 00
fclass d - 7ff8000000000000 -> 0000000000000200 00
fcvt.w.fmt s rtz 7fc00000 -> 000000007fffffff 10
fcvt.w.fmt s rtz ff800001 -> 000000007fffffff 10
fcvt.w.fmt s rtz 7f800000 -> 000000007fffffff 10
fcvt.w.fmt s rtz ff800000 -> ffffffff80000000 10
fcvt.w.fmt s rne 5a400000 -> 000000007fffffff 10
fcvt.w.fmt s rup b4800040 -> 0000000000000000 01
fcvt.w.fmt d rne 41dfffffffe00000 -> 000000007fffffff 10
fcvt.w.fmt d rtz 41dfffffffe00000 -> 000000007fffffff 01
fcvt.w.fmt d rdn 41dfffffffe00000 -> 000000007fffffff 01
fcvt.w.fmt d rup 41dfffffffe00000 -> 000000007fffffff 10
fcvt.w.fmt d rmm 41dfffffffe00000 -> 000000007fffffff 10
fcvt.w.fmt d rne c1e0000000100000 -> ffffffff80000000 01
fcvt.w.fmt d rtz c1e0000000100000 -> ffffffff80000000 01
fcvt.w.fmt d rdn c1e0000000100000 -> ffffffff80000000 10
fcvt.w.fmt d rup c1e0000000100000 -> ffffffff80000000 01
fcvt.w.fmt d rmm c1e0000000100000 -> ffffffff80000000 10
fcvt.w.fmt d rtz c1e0000000200000 -> ffffffff80000000 10
fcvt.w.fmt d rmm 7ffffff000000000 -> 000000007fffffff 10
fcvt.w.fmt d rne c3effffffffffc00 -> ffffffff80000000 10
fcvt.wu.fmt s rne bf000000 -> 0000000000000000 01
fcvt.wu.fmt s rtz bf000000 -> 0000000000000000 01
fcvt.wu.fmt s rdn bf000000 -> 0000000000000000 10
fcvt.wu.fmt s rup bf000000 -> 0000000000000000 01
fcvt.wu.fmt s rmm bf000000 -> 0000000000000000 10
fcvt.wu.fmt s rne bf400000 -> 0000000000000000 10
fcvt.wu.fmt s rtz bf400000 -> 0000000000000000 01
fcvt.wu.fmt s rdn bf400000 -> 0000000000000000 10
fcvt.wu.fmt s rup bf400000 -> 0000000000000000 01
fcvt.wu.fmt s rmm bf400000 -> 0000000000000000 10
fcvt.wu.fmt s rtz bf800000 -> 0000000000000000 10
fcvt.wu.fmt s rtz 7fc00000 -> ffffffffffffffff 10
fcvt.wu.fmt s rtz ff800001 -> ffffffffffffffff 10
fcvt.wu.fmt s rtz 7f800000 -> ffffffffffffffff 10
fcvt.wu.fmt s rtz ff800000 -> 0000000000000000 10
fcvt.wu.fmt s rup 4fe3bfda -> ffffffffffffffff 10
fcvt.wu.fmt s rup 3fffffdf -> 0000000000000002 01
fcvt.wu.fmt d rne 41effffffff00000 -> ffffffffffffffff 10
fcvt.wu.fmt d rtz 41effffffff00000 -> ffffffffffffffff 01
fcvt.wu.fmt d rdn 41effffffff00000 -> ffffffffffffffff 01
fcvt.wu.fmt d rup 41effffffff00000 -> ffffffffffffffff 10
fcvt.wu.fmt d rmm 41effffffff00000 -> ffffffffffffffff 10
fcvt.wu.fmt d rdn 4401ec0a7c21fe7d -> ffffffffffffffff 10
fcvt.wu.fmt d rtz ffe892fbb05bce99 -> 0000000000000000 10
fcvt.l.fmt s rtz 7fc00000 -> 7fffffffffffffff 10
fcvt.l.fmt s rtz ff800001 -> 7fffffffffffffff 10
fcvt.l.fmt s rtz 7f800000 -> 7fffffffffffffff 10
fcvt.l.fmt s rtz ff800000 -> 8000000000000000 10
fcvt.l.fmt s rne 63ffffff -> 7fffffffffffffff 10
fcvt.l.fmt s rmm 3f14fa2e -> 0000000000000001 01
fcvt.l.fmt d rne 4004000000000000 -> 0000000000000002 01
fcvt.l.fmt d rtz 4004000000000000 -> 0000000000000002 01
fcvt.l.fmt d rdn 4004000000000000 -> 0000000000000002 01
fcvt.l.fmt d rup 4004000000000000 -> 0000000000000003 01
fcvt.l.fmt d rmm 4004000000000000 -> 0000000000000003 01
fcvt.l.fmt d rne c004000000000000 -> fffffffffffffffe 01
fcvt.l.fmt d rtz c004000000000000 -> fffffffffffffffe 01
fcvt.l.fmt d rdn c004000000000000 -> fffffffffffffffd 01
fcvt.l.fmt d rup c004000000000000 -> fffffffffffffffe 01
fcvt.l.fmt d rmm c004000000000000 -> fffffffffffffffd 01
fcvt.l.fmt d rne 3fe0000000000000 -> 0000000000000000 01
fcvt.l.fmt d rtz 3fe0000000000000 -> 0000000000000000 01
fcvt.l.fmt d rdn 3fe0000000000000 -> 0000000000000000 01
fcvt.l.fmt d rup 3fe0000000000000 -> 0000000000000001 01
fcvt.l.fmt d rmm 3fe0000000000000 -> 0000000000000001 01
fcvt.l.fmt d rtz 43e0000000000000 -> 7fffffffffffffff 10
fcvt.l.fmt d rtz 43dfffffffffffff -> 7ffffffffffffc00 00
fcvt.l.fmt d rtz c3e0000000000000 -> 8000000000000000 00
fcvt.l.fmt d rtz c3e0000000000001 -> 8000000000000000 10
fcvt.l.fmt d rtz 432fffffffffffff -> 000fffffffffffff 01
fcvt.l.fmt d rne 432fffffffffffff -> 0010000000000000 01
fcvt.lu.fmt s rtz 7fc00000 -> ffffffffffffffff 10
fcvt.lu.fmt s rtz ff800001 -> ffffffffffffffff 10
fcvt.lu.fmt s rtz 7f800000 -> ffffffffffffffff 10
fcvt.lu.fmt s rtz ff800000 -> 0000000000000000 10
fcvt.lu.fmt s rup d0400000 -> 0000000000000000 10
fcvt.lu.fmt s rmm 4a7bffff -> 00000000003f0000 01
fcvt.lu.fmt d rtz 43f0000000000000 -> ffffffffffffffff 10
fcvt.lu.fmt d rtz 43efffffffffffff -> fffffffffffff800 00
fcvt.lu.fmt d rtz bff0000000000000 -> 0000000000000000 10
fcvt.lu.fmt d rdn 432fffffffffffff -> 000fffffffffffff 01
fcvt.lu.fmt d rne 432fffffffffffff -> 0010000000000000 01
fcvt.fmt.w s rdn 95bcb5b5c2782892 -> ce761f5e 01
fcvt.fmt.w s rne 0000000000003653 -> 46594c00 00
fcvt.fmt.w d rdn 0000000080000000 -> c1e0000000000000 00
fcvt.fmt.w d rdn 00000000ffffffff -> bff0000000000000 00
fcvt.fmt.w d rdn ffffffff00000000 -> 0000000000000000 00
fcvt.fmt.w d rmm 00000000001d48da -> 413d48da00000000 00
fcvt.fmt.w d rup 0040000000000000 -> 0000000000000000 00
fcvt.fmt.wu s rtz 46ccf1256a7e93a5 -> 4ed4fd27 01
fcvt.fmt.wu s rup fffffffefffffc00 -> 4f7ffffc 00
fcvt.fmt.wu d rne ffffffff80000000 -> 41e0000000000000 00
fcvt.fmt.wu d rne 12345678ffffffff -> 41efffffffe00000 00
fcvt.fmt.wu d rtz fffffffffffffff9 -> 41efffffff200000 00
fcvt.fmt.wu d rdn fbffe00000000000 -> 0000000000000000 00
fcvt.fmt.l s rne 0000000001000001 -> 4b800000 01
fcvt.fmt.l s rtz 0000000001000001 -> 4b800000 01
fcvt.fmt.l s rdn 0000000001000001 -> 4b800000 01
fcvt.fmt.l s rup 0000000001000001 -> 4b800001 01
fcvt.fmt.l s rmm 0000000001000001 -> 4b800001 01
fcvt.fmt.l s rne fffffffffeffffff -> cb800000 01
fcvt.fmt.l s rtz fffffffffeffffff -> cb800000 01
fcvt.fmt.l s rdn fffffffffeffffff -> cb800001 01
fcvt.fmt.l s rup fffffffffeffffff -> cb800000 01
fcvt.fmt.l s rmm fffffffffeffffff -> cb800001 01
fcvt.fmt.l s rdn c9d82e812a34da91 -> de589f46 01
fcvt.fmt.l s rdn 0000000000020000 -> 48000000 00
fcvt.fmt.l d rne 0020000000000001 -> 4340000000000000 01
fcvt.fmt.l d rtz 0020000000000001 -> 4340000000000000 01
fcvt.fmt.l d rdn 0020000000000001 -> 4340000000000000 01
fcvt.fmt.l d rup 0020000000000001 -> 4340000000000001 01
fcvt.fmt.l d rmm 0020000000000001 -> 4340000000000001 01
fcvt.fmt.l d rtz 4a7051246273312f -> 43d29c1449189ccc 01
fcvt.fmt.l d rtz 0000000000000000 -> 0000000000000000 00
fcvt.fmt.lu s rne ffffffffffffffff -> 5f800000 01
fcvt.fmt.lu s rtz ffffffffffffffff -> 5f7fffff 01
fcvt.fmt.lu s rdn ffffffffffffffff -> 5f7fffff 01
fcvt.fmt.lu s rup ffffffffffffffff -> 5f800000 01
fcvt.fmt.lu s rmm ffffffffffffffff -> 5f800000 01
fcvt.fmt.lu s rtz fffffffffffff7ff -> 5f7fffff 01
fcvt.fmt.lu s rne 0000000000000007 -> 40e00000 00
fcvt.fmt.lu d rne ac622cc439793f75 -> 43e58c4598872f28 01
fcvt.fmt.lu d rtz 0000000000000000 -> 0000000000000000 00
fcvt.fmt.s d rne ff800001 -> 7ff8000000000000 10
fcvt.fmt.s d rne 7fd23456 -> 7ff8000000000000 00
fcvt.fmt.s d rne 00000001 -> 36a0000000000000 00
fcvt.fmt.s d rdn 7f800001 -> 7ff8000000000000 10
fcvt.fmt.s d rne 7fc00000 -> 7ff8000000000000 00
fcvt.fmt.d s rne 47effffff0000000 -> 7f800000 05
fcvt.fmt.d s rtz 47effffff0000000 -> 7f7fffff 01
fcvt.fmt.d s rdn 47effffff0000000 -> 7f7fffff 01
fcvt.fmt.d s rup 47effffff0000000 -> 7f800000 05
fcvt.fmt.d s rmm 47effffff0000000 -> 7f800000 05
fcvt.fmt.d s rne 47efffffefffffff -> 7f7fffff 01
fcvt.fmt.d s rtz 47efffffefffffff -> 7f7fffff 01
fcvt.fmt.d s rdn 47efffffefffffff -> 7f7fffff 01
fcvt.fmt.d s rup 47efffffefffffff -> 7f800000 05
fcvt.fmt.d s rmm 47efffffefffffff -> 7f7fffff 01
fcvt.fmt.d s rne 380fffffffffffff -> 00800000 01
fcvt.fmt.d s rtz 380fffffffffffff -> 007fffff 03
fcvt.fmt.d s rdn 380fffffffffffff -> 007fffff 03
fcvt.fmt.d s rup 380fffffffffffff -> 00800000 01
fcvt.fmt.d s rmm 380fffffffffffff -> 00800000 01
fcvt.fmt.d s rne 380ffffff0000000 -> 00800000 01
fcvt.fmt.d s rtz 380ffffff0000000 -> 007fffff 03
fcvt.fmt.d s rdn 380ffffff0000000 -> 007fffff 03
fcvt.fmt.d s rup 380ffffff0000000 -> 00800000 01
fcvt.fmt.d s rmm 380ffffff0000000 -> 00800000 01
fcvt.fmt.d s rne 380fffffe8000000 -> 00800000 03
fcvt.fmt.d s rtz 380fffffe8000000 -> 007fffff 03
fcvt.fmt.d s rdn 380fffffe8000000 -> 007fffff 03
fcvt.fmt.d s rup 380fffffe8000000 -> 00800000 01
fcvt.fmt.d s rmm 380fffffe8000000 -> 00800000 03
fcvt.fmt.d s rne fff8000000000001 -> 7fc00000 00
fcvt.fmt.d s rne 7ff0000000000001 -> 7fc00000 10
fcvt.fmt.d s rup ffc0000000000000 -> ff7fffff 05
fcvt.fmt.d s rdn 47efffffffffffbf -> 7f7fffff 01
fadd h rne 0400 cb91 -> cb91 01
fadd h rtz d721 a623 -> d721 01
fadd h rdn 7bff 03ff -> 7bff 01
fadd h rup 8b33 035b -> 8985 01
fadd h rmm 687c fbff -> fbb7 01
fadd h rne 7bff 7bff -> 7c00 05
fadd h rtz 0401 8400 -> 0001 00
fadd h rup 3c00 3555 -> 3d56 01
fsub h rne 28db fc00 -> 7c00 00
fsub h rtz 206f f8eb -> 78eb 01
fsub h rdn c60a 0001 -> c60b 01
fsub h rup 504b 2e81 -> 5048 01
fsub h rmm 7c00 7bff -> 7c00 00
fsub h rne 7bff 7bff -> 0000 00
fsub h rtz 0401 8400 -> 0800 01
fsub h rup 3c00 3555 -> 3956 01
fmul h rne 0001 7bff -> 1bff 00
fmul h rtz d141 3c00 -> d141 00
fmul h rdn 0400 0400 -> 0000 03
fmul h rup b248 7b31 -> f1a5 01
fmul h rmm 0e97 3555 -> 0864 01
fmul h rne 7bff 7bff -> 7c00 05
fmul h rtz 0401 8400 -> 8000 03
fmul h rup 3c00 3555 -> 3555 00
fdiv h rne d84a fbff -> 184b 01
fdiv h rtz 5dbe 73ec -> 25cc 01
fdiv h rdn 9fab 03ff -> d7ad 01
fdiv h rup 7c01 7c01 -> 7e00 10
fdiv h rmm c68d 3555 -> ccea 01
fdiv h rne 7bff 7bff -> 3c00 00
fdiv h rtz 0401 8400 -> bc01 00
fdiv h rup 3c00 3555 -> 4201 01
fsqrt h rne dc14 -> 7e00 10
fsqrt h rtz 6ed7 -> 553b 01
fsqrt h rdn 7c01 -> 7e00 10
fsqrt h rup 0001 -> 0c00 00
fsqrt h rmm 4692 -> 4120 01
fsqrt h rne 4000 -> 3da8 01
fsqrt h rne bc00 -> 7e00 10
fmadd h rne 3c00 4e61 0001 -> 4e61 01
fmadd h rtz ff29 b85a fc00 -> 7e00 00
fmadd h rdn 03ff 0400 a6a5 -> a6a5 01
fmadd h rne 3c01 3bff 1000 -> 3c01 01
fmsub h rne 0e42 7e00 d6a3 -> 7e00 00
fmsub h rtz fb36 fbff 0001 -> 7bff 05
fmsub h rdn 5f7c 7c00 2425 -> 7c00 00
fmsub h rne 3c01 3bff 1000 -> 3c00 01
fnmsub h rne 7c01 7e00 0400 -> 7e00 10
fnmsub h rtz 7857 1cd0 7e00 -> 7e00 00
fnmsub h rdn 8000 7c01 fbff -> 7e00 10
fnmsub h rne 3c01 3bff 1000 -> bc00 01
fnmadd h rne b1d1 0400 3555 -> b555 01
fnmadd h rtz 7e00 3555 f4f6 -> 7e00 00
fnmadd h rdn 0000 fbff 3c00 -> bc00 00
fnmadd h rne 3c01 3bff 1000 -> bc01 01
fmin h - 0000 8000 -> 8000 00
fmin h - 7c01 3c00 -> 3c00 10
fmin h - 7e00 3c00 -> 3c00 00
fmin h - 0400 0400 -> 0400 00
fmax h - 0000 8000 -> 0000 00
fmax h - 7c01 3c00 -> 3c00 10
fmax h - 7e00 3c00 -> 3c00 00
fmax h - 7c00 0001 -> 7c00 00
feq h - 0000 8000 -> 0000000000000001 00
feq h - 7c01 3c00 -> 0000000000000000 10
feq h - 7e00 3c00 -> 0000000000000000 00
feq h - 7bff 84a4 -> 0000000000000000 00
flt h - 0000 8000 -> 0000000000000000 00
flt h - 7c01 3c00 -> 0000000000000000 10
flt h - 7e00 3c00 -> 0000000000000000 10
flt h - 7bff 4869 -> 0000000000000000 00
fle h - 0000 8000 -> 0000000000000001 00
fle h - 7c01 3c00 -> 0000000000000000 10
fle h - 7e00 3c00 -> 0000000000000000 10
fle h - 3c00 fc00 -> 0000000000000000 00
fclass h - fc00 -> 0000000000000001 00
fclass h - bc00 -> 0000000000000002 00
fclass h - 8001 -> 0000000000000004 00
fclass h - 8000 -> 0000000000000008 00
fclass h - 0000 -> 0000000000000010 00
fclass h - 0001 -> 0000000000000020 00
fclass h - 03ff -> 0000000000000020 00
fclass h - 0400 -> 0000000000000040 00
fclass h - 7c00 -> 0000000000000080 00
fclass h - 7c01 -> 0000000000000100 00
fclass h - 7e00 -> 0000000000000200 00
fcvt.w.fmt h rne c100 -> fffffffffffffffe 01
fcvt.w.fmt h rtz 7bff -> 000000000000ffe0 00
fcvt.w.fmt h rdn 7bff -> 000000000000ffe0 00
fcvt.w.fmt h rup c100 -> fffffffffffffffe 01
fcvt.w.fmt h rmm 3a00 -> 0000000000000001 01
fcvt.w.fmt h rne fc00 -> ffffffff80000000 10
fcvt.w.fmt h rne 7e01 -> 000000007fffffff 10
fcvt.fmt.w h rne 000000000000fff0 -> 7c00 05
fcvt.fmt.w h rtz 000000000000ffff -> 7bff 01
fcvt.fmt.w h rup 0000000000000801 -> 6801 01
fcvt.fmt.w h rne fffffffffffff7ff -> e800 01
fcvt.wu.fmt h rne 4100 -> 0000000000000002 01
fcvt.wu.fmt h rtz 4100 -> 0000000000000002 01
fcvt.wu.fmt h rdn 7bff -> 000000000000ffe0 00
fcvt.wu.fmt h rup b800 -> 0000000000000000 01
fcvt.wu.fmt h rmm 7bff -> 000000000000ffe0 00
fcvt.wu.fmt h rne fc00 -> 0000000000000000 10
fcvt.wu.fmt h rne 7e01 -> ffffffffffffffff 10
fcvt.fmt.wu h rne 000000000000fff0 -> 7c00 05
fcvt.fmt.wu h rtz 000000000000ffff -> 7bff 01
fcvt.fmt.wu h rup 0000000000000801 -> 6801 01
fcvt.fmt.wu h rne fffffffffffff7ff -> 7c00 05
fcvt.l.fmt h rne 4100 -> 0000000000000002 01
fcvt.l.fmt h rtz 4100 -> 0000000000000002 01
fcvt.l.fmt h rdn 4100 -> 0000000000000002 01
fcvt.l.fmt h rup 3a00 -> 0000000000000001 01
fcvt.l.fmt h rmm b800 -> ffffffffffffffff 01
fcvt.l.fmt h rne fc00 -> 8000000000000000 10
fcvt.l.fmt h rne 7e01 -> 7fffffffffffffff 10
fcvt.fmt.l h rne 000000000000fff0 -> 7c00 05
fcvt.fmt.l h rtz 000000000000ffff -> 7bff 01
fcvt.fmt.l h rup 0000000000000801 -> 6801 01
fcvt.fmt.l h rne fffffffffffff7ff -> e800 01
fcvt.lu.fmt h rne 4100 -> 0000000000000002 01
fcvt.lu.fmt h rtz 4100 -> 0000000000000002 01
fcvt.lu.fmt h rdn 3a00 -> 0000000000000000 01
fcvt.lu.fmt h rup 4100 -> 0000000000000003 01
fcvt.lu.fmt h rmm 3a00 -> 0000000000000001 01
fcvt.lu.fmt h rne fc00 -> 0000000000000000 10
fcvt.lu.fmt h rne 7e01 -> ffffffffffffffff 10
fcvt.fmt.lu h rne 000000000000fff0 -> 7c00 05
fcvt.fmt.lu h rtz 000000000000ffff -> 7bff 01
fcvt.fmt.lu h rup 0000000000000801 -> 6801 01
fcvt.fmt.lu h rne fffffffffffff7ff -> 7c00 05
fcvt.fmt.h s rne 3c00 -> 3f800000 00
fcvt.fmt.h s rne 0001 -> 33800000 00
fcvt.fmt.h s rne 83ff -> b87fc000 00
fcvt.fmt.h s rne 7c00 -> 7f800000 00
fcvt.fmt.h s rne fc00 -> ff800000 00
fcvt.fmt.h s rne 7c01 -> 7fc00000 10
fcvt.fmt.h s rne 7e00 -> 7fc00000 00
fcvt.fmt.h s rne fe01 -> 7fc00000 00
fcvt.fmt.h s rne 8000 -> 80000000 00
fcvt.fmt.h s rne 7bff -> 477fe000 00
fcvt.fmt.h s rne 0400 -> 38800000 00
fcvt.fmt.h d rne 3c00 -> 3ff0000000000000 00
fcvt.fmt.h d rne 0001 -> 3e70000000000000 00
fcvt.fmt.h d rne 83ff -> bf0ff80000000000 00
fcvt.fmt.h d rne 7c00 -> 7ff0000000000000 00
fcvt.fmt.h d rne fc00 -> fff0000000000000 00
fcvt.fmt.h d rne 7c01 -> 7ff8000000000000 10
fcvt.fmt.h d rne 7e00 -> 7ff8000000000000 00
fcvt.fmt.h d rne fe01 -> 7ff8000000000000 00
fcvt.fmt.h d rne 8000 -> 8000000000000000 00
fcvt.fmt.h d rne 7bff -> 40effc0000000000 00
fcvt.fmt.h d rne 0400 -> 3f10000000000000 00
fcvt.fmt.s h rne 477ff000 -> 7c00 05
fcvt.fmt.s h rne 477fefff -> 7bff 01
fcvt.fmt.s h rne 387fe000 -> 0400 03
fcvt.fmt.s h rne 387ff000 -> 0400 01
fcvt.fmt.s h rne 33000000 -> 0000 03
fcvt.fmt.s h rne 33000001 -> 0001 03
fcvt.fmt.s h rne b8000001 -> 8200 03
fcvt.fmt.s h rne 3f802000 -> 3c01 00
fcvt.fmt.d h rne 40effe0000000000 -> 7c00 05
fcvt.fmt.d h rne 40effdffffffffff -> 7bff 01
fcvt.fmt.d h rne 3f0ffc0000000000 -> 0400 03
fcvt.fmt.d h rne 3f0ffe0000000000 -> 0400 01
fcvt.fmt.d h rne 3e60000000000000 -> 0000 03
fcvt.fmt.d h rne 3e60000000000001 -> 0001 03
fcvt.fmt.d h rne bf00000000000001 -> 8200 03
fcvt.fmt.d h rne 3ff0040000000000 -> 3c01 00
fcvt.fmt.s h rtz 477ff000 -> 7bff 01
fcvt.fmt.s h rtz 477fefff -> 7bff 01
fcvt.fmt.s h rtz 387fe000 -> 03ff 03
fcvt.fmt.s h rtz 387ff000 -> 03ff 03
fcvt.fmt.s h rtz 33000000 -> 0000 03
fcvt.fmt.s h rtz 33000001 -> 0000 03
fcvt.fmt.s h rtz b8000001 -> 8200 03
fcvt.fmt.s h rtz 3f802000 -> 3c01 00
fcvt.fmt.d h rtz 40effe0000000000 -> 7bff 01
fcvt.fmt.d h rtz 40effdffffffffff -> 7bff 01
fcvt.fmt.d h rtz 3f0ffc0000000000 -> 03ff 03
fcvt.fmt.d h rtz 3f0ffe0000000000 -> 03ff 03
fcvt.fmt.d h rtz 3e60000000000000 -> 0000 03
fcvt.fmt.d h rtz 3e60000000000001 -> 0000 03
fcvt.fmt.d h rtz bf00000000000001 -> 8200 03
fcvt.fmt.d h rtz 3ff0040000000000 -> 3c01 00
fcvt.fmt.s h rdn 477ff000 -> 7bff 01
fcvt.fmt.s h rdn 477fefff -> 7bff 01
fcvt.fmt.s h rdn 387fe000 -> 03ff 03
fcvt.fmt.s h rdn 387ff000 -> 03ff 03
fcvt.fmt.s h rdn 33000000 -> 0000 03
fcvt.fmt.s h rdn 33000001 -> 0000 03
fcvt.fmt.s h rdn b8000001 -> 8201 03
fcvt.fmt.s h rdn 3f802000 -> 3c01 00
fcvt.fmt.d h rdn 40effe0000000000 -> 7bff 01
fcvt.fmt.d h rdn 40effdffffffffff -> 7bff 01
fcvt.fmt.d h rdn 3f0ffc0000000000 -> 03ff 03
fcvt.fmt.d h rdn 3f0ffe0000000000 -> 03ff 03
fcvt.fmt.d h rdn 3e60000000000000 -> 0000 03
fcvt.fmt.d h rdn 3e60000000000001 -> 0000 03
fcvt.fmt.d h rdn bf00000000000001 -> 8201 03
fcvt.fmt.d h rdn 3ff0040000000000 -> 3c01 00
fcvt.fmt.s h rup 477ff000 -> 7c00 05
fcvt.fmt.s h rup 477fefff -> 7c00 05
fcvt.fmt.s h rup 387fe000 -> 0400 03
fcvt.fmt.s h rup 387ff000 -> 0400 01
fcvt.fmt.s h rup 33000000 -> 0001 03
fcvt.fmt.s h rup 33000001 -> 0001 03
fcvt.fmt.s h rup b8000001 -> 8200 03
fcvt.fmt.s h rup 3f802000 -> 3c01 00
fcvt.fmt.d h rup 40effe0000000000 -> 7c00 05
fcvt.fmt.d h rup 40effdffffffffff -> 7c00 05
fcvt.fmt.d h rup 3f0ffc0000000000 -> 0400 03
fcvt.fmt.d h rup 3f0ffe0000000000 -> 0400 01
fcvt.fmt.d h rup 3e60000000000000 -> 0001 03
fcvt.fmt.d h rup 3e60000000000001 -> 0001 03
fcvt.fmt.d h rup bf00000000000001 -> 8200 03
fcvt.fmt.d h rup 3ff0040000000000 -> 3c01 00
fcvt.fmt.s h rmm 477ff000 -> 7c00 05
fcvt.fmt.s h rmm 477fefff -> 7bff 01
fcvt.fmt.s h rmm 387fe000 -> 0400 03
fcvt.fmt.s h rmm 387ff000 -> 0400 01
fcvt.fmt.s h rmm 33000000 -> 0001 03
fcvt.fmt.s h rmm 33000001 -> 0001 03
fcvt.fmt.s h rmm b8000001 -> 8200 03
fcvt.fmt.s h rmm 3f802000 -> 3c01 00
fcvt.fmt.d h rmm 40effe0000000000 -> 7c00 05
fcvt.fmt.d h rmm 40effdffffffffff -> 7bff 01
fcvt.fmt.d h rmm 3f0ffc0000000000 -> 0400 03
fcvt.fmt.d h rmm 3f0ffe0000000000 -> 0400 01
fcvt.fmt.d h rmm 3e60000000000000 -> 0001 03
fcvt.fmt.d h rmm 3e60000000000001 -> 0001 03
fcvt.fmt.d h rmm bf00000000000001 -> 8200 03
fcvt.fmt.d h rmm 3ff0040000000000 -> 3c01 00
fcvt.fmt.s h rne 7f800001 -> 7e00 10
fcvt.fmt.s h rne 7fc00000 -> 7e00 00
fcvt.fmt.s h rne ff800000 -> fc00 00
fcvt.fmt.d h rne 7ff0000000000001 -> 7e00 10
fcvt.fmt.d h rne fff8000000000000 -> 7e00 00
fcvt.fmt.d h rne 7ff0000000000000 -> 7c00 00
fcvt.fmt.d h rne 8000000000000000 -> 8000 00
`;
