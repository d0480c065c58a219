/* The device tree (fdt.c). */
#pragma once

#include <stdint.h>

struct mmio_region {
  uint64_t address;
  uint64_t size;
};

/*
 * Finds the nodes whose `compatible` list holds `compatible`, in the order of the tree, and stores the first
 * `reg` entry of each. Returns how many there are, `capacity` at the most.
 */
int fdt_find_compatible(const void *fdt, const char *compatible, struct mmio_region *regions, int capacity);
