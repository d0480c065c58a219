/*
 * Reads the flattened device tree, the firmware's description of the board.
 * Reference: Devicetree Specification 0.4, chapter 5 (format) and 2.3 (compatible, reg, #address-cells).
 * Left out: `ranges` (the virt board's buses do not translate addresses), phandles, the memory reservation block.
 */
#include "fdt.h"

#include "panic.h"

enum { FDT_MAGIC = 0xd00dfeed, FDT_BEGIN_NODE = 1, FDT_END_NODE = 2, FDT_PROP = 3, FDT_NOP = 4, FDT_END = 9 };
enum { MAX_DEPTH = 16 };

/* Offsets of header fields, in words of 32 bits. */
enum { HEADER_MAGIC = 0, HEADER_OFF_STRUCT = 2, HEADER_OFF_STRINGS = 3 };

/* Everything in the tree is big-endian, the hart is little-endian. */
static uint32_t big_endian(const uint32_t *word) {
  const uint8_t *byte = (const uint8_t *)word;
  return (uint32_t)byte[0] << 24 | byte[1] << 16 | byte[2] << 8 | byte[3];
}

static uint64_t read_cells(const uint32_t *words, uint32_t cells) {
  uint64_t value = 0;
  while (cells-- > 0)
    value = value << 32 | big_endian(words++);
  return value;
}

static uint32_t string_length(const char *text) {
  uint32_t length = 0;
  while (text[length])
    length++;
  return length;
}

static int equal(const char *a, const char *b) {
  while (*a && *a == *b)
    a++, b++;
  return *a == *b;
}

/* `compatible` is a list of strings one after the other, from the most to the least specific. */
static int list_contains(const char *list, uint32_t length, const char *wanted) {
  for (const char *text = list; text < list + length; text += string_length(text) + 1)
    if (equal(text, wanted))
      return 1;
  return 0;
}

/* How many words an address and a size take in `reg` of a node's children. */
struct cells {
  uint32_t address, size;
};

/* The properties of the node being read, as far as they matter. */
struct node {
  int is_wanted;
  const uint32_t *reg;
};

static void read_property(const char *name, const uint32_t *value, uint32_t length, const char *wanted, struct node *node,
                          struct cells *children) {
  if (equal(name, "compatible"))
    node->is_wanted = list_contains((const char *)value, length, wanted);
  else if (equal(name, "reg"))
    node->reg = value;
  else if (equal(name, "#address-cells"))
    children->address = big_endian(value);
  else if (equal(name, "#size-cells"))
    children->size = big_endian(value);
}

int fdt_find_compatible(const void *fdt, const char *compatible, struct mmio_region *regions, int capacity) {
  const uint32_t *header = fdt;
  if (big_endian(&header[HEADER_MAGIC]) != FDT_MAGIC)
    panic("no device tree at 0x%lx", (unsigned long)fdt);
  const uint32_t *word = (const uint32_t *)((const char *)fdt + big_endian(&header[HEADER_OFF_STRUCT]));
  const char *strings = (const char *)fdt + big_endian(&header[HEADER_OFF_STRINGS]);

  struct cells cells[MAX_DEPTH + 1]; /* cells[d]: for the children of the node at depth d, from 1 = the root */
  cells[0] = (struct cells){2, 1};
  struct node node = {0, 0};
  int depth = 0, found = 0;
  for (;;) {
    uint32_t token = big_endian(word++);
    if (token == FDT_BEGIN_NODE) {
      if (++depth > MAX_DEPTH)
        panic("the device tree is too deep");
      cells[depth] = (struct cells){2, 1}; /* the specification's defaults */
      node = (struct node){0, 0};
      word += (string_length((const char *)word) + 1 + 3) / 4; /* the node's name, padded to a whole word */
    } else if (token == FDT_PROP) {
      uint32_t length = big_endian(&word[0]);
      const char *name = strings + big_endian(&word[1]);
      read_property(name, &word[2], length, compatible, &node, &cells[depth]);
      word += 2 + (length + 3) / 4;
    } else if (token == FDT_END_NODE) {
      struct cells parent = cells[--depth];
      if (node.is_wanted && node.reg && found < capacity)
        regions[found++] = (struct mmio_region){
            .address = read_cells(node.reg, parent.address),
            .size = read_cells(node.reg + parent.address, parent.size),
        };
      node = (struct node){0, 0}; /* properties come before children: the parent's are over */
    } else if (token == FDT_END) {
      return found;
    } else if (token != FDT_NOP) {
      panic("the device tree has an unknown token 0x%x", token);
    }
  }
}
