/* Shingle hashes to tokens that sort by rarity: how often each occurs, the tokens of each set, sets that are the same.
 *
 * A token is (class of its count << 58 | high bits of its hash), so that the rarest of a set comes first in every set
 * alike. Counts are kept per bucket of a hash table without keys: two hashes in one bucket only look more frequent
 * than they are. Called from curate/kernels/tokens.py; the join over the tokens is in join.c. */
#include <string.h>

#include "join.h"

enum { AHEAD = 24 }; /* places from which a bucket is fetched */

static inline uint64_t bucket_of(uint64_t hash, int bits) { return (hash * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - bits); }

/* 0 … 7 as they are, above in quarters of an octave: 16 bits to 6. */
static inline uint64_t class_of(uint32_t count) {
    int shift = 29 - __builtin_clz(count | 4);
    return (uint64_t)shift * 4 + (count >> shift);
}

/* Count the hashes whose bucket is in [low, high), to 65535 at most; `counts` has one place more than buckets. */
EXPORT void curate_count(const uint64_t *hashes, int64_t n, uint16_t *counts, int bits, uint64_t low, uint64_t high) {
    uint16_t elsewhere = 0;
    for (int64_t i = 0; i < n; i++) {
        if (i + AHEAD < n) __builtin_prefetch(&counts[bucket_of(hashes[i + AHEAD], bits)], 1);
        uint64_t bucket = bucket_of(hashes[i], bits);
        uint16_t *count = bucket - low < high - low ? &counts[bucket] : &elsewhere;
        *count = (uint16_t)(*count + (*count != UINT16_MAX));
    }
}

/* The tokens of the sets [from, to), rarest first, and what the join asks of each set.
 * A stable counting sort by class keeps the hashes of one class in rising order, which they come in. */
MANY_CPUS EXPORT void curate_tokens(const uint64_t *hashes, const int64_t *offsets, int64_t from, int64_t to,
                                    const uint16_t *counts, int bits, int shift, uint8_t *classes, uint64_t *tokens,
                                    Record *records, uint64_t *contents) {
    const uint64_t *end = hashes + offsets[to];
    for (int64_t row = from; row < to; row++) {
        const uint64_t *set = hashes + offsets[row];
        int64_t size = offsets[row + 1] - offsets[row];
        uint64_t *out = tokens + offsets[row];
        int64_t place[65] = {0};
        uint64_t content = (uint64_t)size;
        Record record = {.start = offsets[row], .size = (int32_t)size};
        for (int64_t i = 0; i < size; i++) {
            if (set + i + AHEAD < end) __builtin_prefetch(&counts[bucket_of(set[i + AHEAD], bits)]);
            uint64_t class = class_of(counts[bucket_of(set[i], bits)]);
            classes[i] = (uint8_t)class;
            place[class + 1]++;
            uint64_t mixed = mix64(set[i]);
            content += mixed;
            record.bits[mixed >> 62] ^= UINT64_C(1) << ((mixed >> 56) & 63);
        }
        record.unique = (int32_t)place[2];
        for (int c = 1; c < 64; c++) place[c + 1] += place[c];
        for (int64_t i = 0; i < size; i++) out[place[classes[i]]++] = (uint64_t)classes[i] << 58 | set[i] >> shift;
        records[row] = record;
        contents[row] = content;
    }
}

/* Rows to fold begin their search here: what the guard keeps apart does not gather in one place. */
static inline uint64_t place_of(int64_t row, const uint64_t *contents, const uint64_t *raw) {
    return mix64(contents[row] + (raw ? mix64(raw[row]) : 0));
}

/* For each row, in the order given, the first row with the same tokens (and the same `apart`, where there is one):
 * `first[row]`, itself where it is the first; -1 for an empty set. `slots` is zeroed, of mask + 1 places. */
EXPORT void curate_fold(const int64_t *order, int64_t n, const uint64_t *tokens, const Record *records,
                        const uint64_t *contents, const uint64_t *masked, const uint64_t *raw, int64_t *slots,
                        uint64_t mask, int64_t *first) {
    for (int64_t i = 0; i < n; i++) {
        if (i + 8 < n) __builtin_prefetch(&slots[place_of(order[i + 8], contents, raw) & mask]);
        int64_t row = order[i];
        const Record *a = &records[row];
        if (a->size == 0) {
            first[row] = -1;
            continue;
        }
        for (uint64_t slot = place_of(row, contents, raw) & mask;; slot = (slot + 1) & mask) {
            int64_t other = slots[slot] - 1;
            if (other < 0) {
                slots[slot] = row + 1;
                first[row] = row;
                break;
            }
            const Record *b = &records[other];
            if (contents[other] == contents[row] && a->size == b->size &&
                (!masked || (masked[row] == masked[other] && raw[row] == raw[other])) &&
                memcmp(tokens + a->start, tokens + b->start, sizeof(uint64_t) * (size_t)a->size) == 0) {
                first[row] = other;
                break;
            }
        }
    }
}
