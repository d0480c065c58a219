/**
 * FAT12, FAT16 and FAT32 with long names. Reference: Microsoft, "FAT: General Overview of On-Disk Format" 1.03. Which of the three it is follows
 * from the number of clusters, but for FAT32, which is what has no length of the table in 16 bits, as Linux and fsck.fat have it.
 *
 * Left out: exFAT; code pages (a byte from 0x80 on in a short name is shown as Latin-1); a partition table before the file system.
 */
import type { Disk } from './disk.ts';
import { Fat } from './fat-layout.ts';
import { examineFat } from './fat-soundness.ts';
import type { Soundness } from './soundness.ts';
import type { Volume } from './volume.ts';

export function openFat(disk: Disk): Volume {
  return new FatVolume(disk);
}

class FatVolume extends Fat implements Volume {
  examine(soundness: Soundness): void {
    examineFat(this, soundness);
  }
}
