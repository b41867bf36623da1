/* Words of UTF-8 texts with where they stand, rolling hashes of windows of words, and a table of what was seen.
 *
 * Two hashes go with every word and every window, each modulo the prime 2^61 - 1 and in a base of its own (Karp and
 * Rabin, "Efficient randomized pattern-matching algorithms", 1987): 122 bits. Called from curate/kernels/windows.py. */
#include "native.h"

#define PRIME ((UINT64_C(1) << 61) - 1)
#define BASE_1 UINT64_C(0x0a3b1d5c7e9f2467)
#define BASE_2 UINT64_C(0x15c9e2b7d4f80a31)
#define SEED_1 UINT64_C(0x9e3779b97f4a7c15)
#define SEED_2 UINT64_C(0xd1b54a32d192ed03)

/* What a character is to a word; the table of classes is made in curate/kernels/windows.py. */
enum { IN_WORD = 0, SPACE = 1, ALONE = 2, MARK = 3 };

static inline uint64_t reduced(uint64_t x) {
    x = (x & PRIME) + (x >> 61);
    return x >= PRIME ? x - PRIME : x;
}

/* a * b modulo the prime, for a, b <= PRIME, in 64-bit arithmetic only: halves of 30 and 31 bits. */
static inline uint64_t product(uint64_t a, uint64_t b) {
    uint64_t a_high = a >> 31, a_low = a & 0x7fffffff, b_high = b >> 31, b_low = b & 0x7fffffff;
    uint64_t middle = a_low * b_high + a_high * b_low;
    return reduced(((a_high * b_high) << 1) + (middle >> 30) + ((middle & 0x3fffffff) << 31) + a_low * b_low);
}

static inline uint64_t block_at(const uint8_t *bytes) {
    uint64_t block = 0;
    for (int i = 0; i < 8; i++) block |= (uint64_t)bytes[i] << (8 * i);
    return block;
}

/* Two hashes of the bytes of a word; up to `limit` the memory behind it may be read. */
static inline void hash_word(const uint8_t *bytes, const uint8_t *end, const uint8_t *limit, uint64_t *hash_1,
                             uint64_t *hash_2) {
    uint64_t one = SEED_1 * (uint64_t)(end - bytes), two = SEED_2 ^ one, rest = 0;
    for (; end - bytes >= 8; bytes += 8) {
        rest = block_at(bytes);
        one = mix64(one ^ rest);
        two = mix64(two + rest);
    }
    rest = 0;
    if (limit - bytes >= 8) {
        rest = block_at(bytes) & ((UINT64_C(1) << (8 * (end - bytes))) - 1);
    } else {
        for (int shift = 0; bytes < end; bytes++, shift += 8) rest |= (uint64_t)*bytes << shift;
    }
    *hash_1 = reduced(mix64(one ^ rest));
    *hash_2 = reduced(mix64(two + rest));
}

/* The next character and its length in bytes; a byte that begins no whole character stands for itself. */
static inline uint32_t character(const uint8_t *at, const uint8_t *stop, int *length) {
    uint32_t lead = at[0];
    int more = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf8 ? 3 : 0;
    *length = 1;
    if (!more || stop - at <= more) return lead < 0x80 ? lead : 0xfffd;
    uint32_t code = lead & (0x3f >> more);
    for (int i = 1; i <= more; i++) code = code << 6 | (at[i] & 0x3f);
    *length = more + 1;
    return code < 0x110000 ? code : 0xfffd;
}

/* The words of n texts: how many each has, and of each word its first character, the one after its last (counted in
 * code points from the start of the text), and its two hashes. The arrays must hold (bytes + 1) / 2 words a text. */
EXPORT int64_t curate_words(const uint8_t *bytes, const int64_t *offsets, int64_t n, const uint8_t *classes,
                            int64_t *n_words, int64_t *starts, int64_t *ends, uint64_t *hash_1, uint64_t *hash_2) {
    const uint8_t *limit = bytes + offsets[n];
    int64_t words = 0;
    for (int64_t text = 0; text < n; text++) {
        const uint8_t *at = bytes + offsets[text], *stop = bytes + offsets[text + 1], *open = NULL;
        int64_t before = words, point = 0;
        int kind = IN_WORD;
        for (; at <= stop; point++) {
            int length = 1, here = SPACE;
            if (at < stop) here = classes[*at < 0x80 ? *at : character(at, stop, &length)];
            if (here == MARK) here = open ? MARK : IN_WORD;
            if (open && here != MARK && (here != IN_WORD || kind == ALONE)) {
                ends[words] = point;
                hash_word(open, at, limit, &hash_1[words], &hash_2[words]);
                words++;
                open = NULL;
            }
            if (!open && here != SPACE) {
                open = at;
                kind = here;
                starts[words] = point;
            }
            at += length;
        }
        n_words[text] = words - before;
    }
    return words;
}

static int64_t rolled(const int64_t *n_words, int64_t n, const uint64_t *words, int64_t size, uint64_t base,
                      uint64_t *keys) {
    uint64_t power = 1;
    int64_t made = 0;
    for (int64_t i = 0; i < size; i++) power = product(power, base);
    for (int64_t text = 0; text < n; words += n_words[text++]) {
        uint64_t hash = 0;
        for (int64_t i = 0; i < n_words[text]; i++) {
            hash = product(hash, base) + words[i];
            if (i >= size) hash += PRIME - product(words[i - size], power);
            hash = reduced(hash);
            if (i >= size - 1) keys[made++] = hash;
        }
    }
    return made;
}

/* The two hashes of every window of `size` words of n texts, text by text; returns how many windows there are. */
EXPORT int64_t curate_windows(const int64_t *n_words, int64_t n, const uint64_t *hash_1, const uint64_t *hash_2,
                              int64_t size, uint64_t *keys_1, uint64_t *keys_2) {
    rolled(n_words, n, hash_1, size, BASE_1, keys_1);
    return rolled(n_words, n, hash_2, size, BASE_2, keys_2);
}

/* Note each key in a table of two bits a slot (0 never, 1 once, 2 more often); returns how many were there already. */
EXPORT int64_t curate_see(uint8_t *table, uint64_t mask, const uint64_t *keys, int64_t n) {
    int64_t again = 0;
    for (int64_t i = 0; i < n; i++) {
        uint64_t slot = mix64(keys[i]) & mask;
        int shift = (int)(slot & 3) * 2, seen = (table[slot >> 2] >> shift) & 3;
        again += seen > 0;
        if (seen < 2) table[slot >> 2] += (uint8_t)(1 << shift);
    }
    return again;
}

/* Whether the slot of each key was seen more than once: true for every key that was, and for a few others. */
EXPORT void curate_seen_again(const uint8_t *table, uint64_t mask, const uint64_t *keys, int64_t n, uint8_t *again) {
    for (int64_t i = 0; i < n; i++) {
        uint64_t slot = mix64(keys[i]) & mask;
        again[i] = ((table[slot >> 2] >> ((slot & 3) * 2)) & 3) == 2;
    }
}
