/* What the statistics of texts share: the classes of characters, reading UTF-8, and a small hash table.
 *
 * The classes are made in curate/kernels/characters.py, one byte for each code point, so that nothing here knows
 * Unicode. */
#ifndef CURATE_TEXTSTATS_H
#define CURATE_TEXTSTATS_H

#include "native.h"

/* A class is one of these kinds, with two properties. */
enum { SPECIAL = 0, LETTER = 1, LOWER = 2, UPPER = 3, MARK = 4, DIGIT = 5, SPACE = 6, KIND = 7 };
enum { ALONE = 8, BREAKS = 16 }; /* a word by itself; ends a line */

#define MULTIPLIER UINT64_C(0xd1342543de82ef95)

/* The code point that begins with a byte of 128 or more, and its length in bytes; what is no UTF-8 is U+FFFD, a byte
 * long. */
static inline uint32_t beyond_ascii(const uint8_t *at, const uint8_t *stop, int *length) {
    uint32_t lead = at[0];
    int more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
    *length = 1;
    if (!more || stop - at <= more) return 0xfffd;
    uint32_t code = lead & (0x3f >> more);
    for (int i = 1; i <= more; i++) {
        if ((at[i] & 0xc0) != 0x80) return 0xfffd;
        code = code << 6 | (at[i] & 0x3f);
    }
    if (code >= 0x110000) return 0xfffd;
    *length = more + 1;
    return code;
}

/* The next code point and its length. */
static inline uint32_t next_code(const uint8_t *at, const uint8_t *stop, int *length) {
    *length = 1;
    return *at < 0x80 ? *at : beyond_ascii(at, stop, length);
}

/* An entry of a hash table with linear probing; the key 0 is an empty place. */
typedef struct {
    uint64_t key;
    int64_t value;
} entry;

/* Places for n keys: a power of two, at least a third more than n. The caller's scratch must hold as many. */
static inline uint64_t places_for(int64_t n) {
    uint64_t places = 16;
    while (places < (uint64_t)n + (uint64_t)n / 3 + 1) places *= 2;
    return places;
}

/* The entry of a key, put there if it was not. */
static inline entry *entry_of(entry *table, uint64_t mask, uint64_t key) {
    key |= key == 0;
    uint64_t place = key & mask;
    while (table[place].key != key && table[place].key) place = (place + 1) & mask;
    table[place].key = key;
    return &table[place];
}

/* The entry of a key, or NULL. */
static inline const entry *found(const entry *table, uint64_t mask, uint64_t key) {
    key |= key == 0;
    uint64_t place = key & mask;
    while (table[place].key != key && table[place].key) place = (place + 1) & mask;
    return table[place].key ? &table[place] : NULL;
}

#endif
