/* What comes again within a text: runs of characters and of terms, different terms, terms of a list.
 *
 * A hash table for each text, in memory that the caller lends; each text takes time in proportion to its length.
 * Called from curate/kernels/repetition.py and curate/kernels/phrases.py, which say what is counted. */
#include <string.h>

#include "textstats.h"

#define SPREAD UINT64_C(0x9e3779b97f4a7c15)
enum { LONGEST = 64 }; /* code points in a run; a power of two */

static uint64_t power_of(int64_t n) {
    uint64_t power = 1;
    for (int64_t i = 0; i < n; i++) power *= MULTIPLIER;
    return power;
}

static int64_t square_root(int64_t n) {
    int64_t root = 0;
    for (int64_t bit = INT64_C(1) << 30; bit; bit >>= 1)
        if ((root | bit) * (root | bit) <= n) root |= bit;
    return root;
}

/* The sum of the `n_largest` largest of n values from 2 on; `histogram` has a place for each value and each below. */
static int64_t sum_of_largest(const entry *values, int64_t n, int64_t n_largest, int64_t *histogram) {
    int64_t sum = 0, largest = 0;
    for (int64_t i = 0; i < n; i++) largest = values[i].value > largest ? values[i].value : largest;
    memset(histogram, 0, (size_t)(largest + 1) * sizeof *histogram);
    for (int64_t i = 0; i < n; i++) histogram[values[i].value]++;
    for (int64_t value = largest; value > 1 && n_largest; value--) {
        int64_t taken = histogram[value] < n_largest ? histogram[value] : n_largest;
        sum += taken * value;
        n_largest -= taken;
    }
    return sum;
}

/* The runs of `size` code points of a text as hashes; returns how many there are. */
static int64_t hash_runs(const uint8_t *at, const uint8_t *stop, int64_t size, uint64_t *hashes) {
    uint64_t gone = power_of(size), hash = 0;
    uint32_t ring[LONGEST];
    int64_t seen = 0;
    for (int length; at < stop; at += length, seen++) {
        uint32_t code = next_code(at, stop, &length) + 1;
        hash = hash * MULTIPLIER + code;
        if (seen >= size) hash -= gone * ring[(seen - size) & (LONGEST - 1)];
        ring[seen & (LONGEST - 1)] = code;
        if (seen >= size - 1) hashes[seen - size + 1] = hash;
    }
    return seen >= size ? seen - size + 1 : 0;
}

/* Keep the hashes that may stand more than once: two bits for each of some groups of hashes, eight groups or more for
 * each hash, tell whether a group was met again. Returns how many are kept, and in how many groups they are; no hash
 * that stands twice is left out. */
static int64_t keep_again(uint64_t *hashes, int64_t n, uint64_t *once, int64_t *groups) {
    int bits = 6;
    while (bits < 40 && (INT64_C(1) << bits) < 8 * n) bits++;
    int shift = 64 - bits;
    size_t words = (size_t)1 << (bits - 6);
    uint64_t *again = once + words;
    memset(once, 0, 2 * words * sizeof *once);
    for (int64_t i = 0; i < n; i++) {
        uint64_t place = (hashes[i] * SPREAD) >> shift, bit = UINT64_C(1) << (place & 63);
        again[place >> 6] |= once[place >> 6] & bit;
        once[place >> 6] |= bit;
    }
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        uint64_t hash = hashes[i], place = (hash * SPREAD) >> shift;
        hashes[kept] = hash;
        kept += again[place >> 6] >> (place & 63) & 1;
    }
    *groups = 0;
    for (size_t i = 0; i < words; i++) *groups += __builtin_popcountll(again[i]);
    return kept;
}

/* Count n hashes in a table with room for `room` keys; returns how many are different, or -1 where there are more. */
static int64_t count_in(entry *table, int64_t room, const uint64_t *hashes, int64_t n) {
    uint64_t places = places_for(room);
    int64_t different = 0;
    memset(table, 0, places * sizeof *table);
    for (int64_t i = 0; i < n; i++) {
        different += entry_of(table, places - 1, mix64(hashes[i]))->value++ == 0;
        if (different > room) return -1;
    }
    return different;
}

/* How many of n runs are among the most frequent: as many as the root of how many are different, none that is one. */
static int64_t most_frequent(uint64_t *hashes, int64_t n, uint64_t *bitmap, entry *table, int64_t *histogram) {
    int64_t groups, kept = keep_again(hashes, n, bitmap, &groups), room = 2 * groups, again = 0, sum = 0;
    if (room > kept) room = kept; /* mostly a key or two in a group; a table of all that is kept fits in any case */
    int64_t different = count_in(table, room, hashes, kept);
    if (different < 0) different = count_in(table, room = kept, hashes, kept);
    for (uint64_t i = 0; i < places_for(room); i++) {
        if (table[i].value < 2) continue;
        sum += table[i].value;
        table[again++].value = table[i].value;
    }
    int64_t n_largest = square_root(n - kept + different);
    return again <= n_largest ? sum : sum_of_largest(table, again, n_largest, histogram);
}

/* For each of n texts: its runs of `size` code points, and how many of them are among the most frequent ones.
 *
 * For the longest text of b bytes `hashes` holds b, `bitmap` b / 2 + 2, `histogram` b + 2 numbers, and `table` the
 * places of b keys. */
EXPORT void curate_repeated_characters(const uint8_t *bytes, const int64_t *offsets, int64_t n, int64_t size,
                                       uint64_t *hashes, uint64_t *bitmap, entry *table, int64_t *histogram,
                                       int64_t *counts) {
    for (int64_t i = 0; i < n; i++, counts += 2) {
        counts[0] = hash_runs(bytes + offsets[i], bytes + offsets[i + 1], size, hashes);
        if (counts[0]) counts[1] = most_frequent(hashes, counts[0], bitmap, table, histogram);
    }
}

/* For each of n texts: its runs of `size` terms, and how many of them stand more than once. */
EXPORT void curate_repeated_terms(const uint64_t *hashes, const int64_t *n_terms, int64_t n, int64_t size,
                                  entry *table, int64_t *counts) {
    uint64_t gone = power_of(size);
    for (int64_t i = 0; i < n; hashes += n_terms[i], i++, counts += 2) {
        int64_t runs = n_terms[i] - size + 1;
        if (runs <= 0) continue;
        uint64_t places = places_for(runs), hash = 0;
        memset(table, 0, places * sizeof *table);
        counts[0] = runs;
        for (int64_t j = 0; j < n_terms[i]; j++) {
            hash = hash * MULTIPLIER + hashes[j];
            if (j >= size) hash -= gone * hashes[j - size];
            if (j < size - 1) continue;
            int64_t times = ++entry_of(table, places - 1, mix64(hash))->value;
            counts[1] += times == 2 ? 2 : times > 2;
        }
    }
}

/* For each of n texts: its different terms, and the sum of the different terms of every window of `size` of them.
 * `found_at` has a place for each term of the longest text. */
EXPORT void curate_different_terms(const uint64_t *hashes, const int64_t *n_terms, int64_t n, int64_t size,
                                   entry *table, int64_t *found_at, int64_t *counts) {
    for (int64_t i = 0; i < n; hashes += n_terms[i], i++, counts += 2) {
        uint64_t places = places_for(n_terms[i]);
        memset(table, 0, places * sizeof *table);
        int64_t different = 0;
        for (int64_t j = 0; j < n_terms[i]; j++) {
            /* The value of an entry is how often its term stands in the window, plus 1 from its first time on. */
            entry *one = entry_of(table, places - 1, hashes[j]);
            found_at[j] = one - table;
            if (!one->value) {
                one->value = 1;
                counts[0]++;
            }
            different += one->value++ == 1;
            if (j >= size) different -= --table[found_at[j - size]].value == 1;
            if (j >= size - 1) counts[1] += different;
        }
    }
}

enum { ENDS = 1, GOES_ON = 2 };

static inline uint64_t one_more(uint64_t hash, uint64_t term) { return mix64(hash * MULTIPLIER + term); }

/* Put n phrases, each one term or more, into a table, with all that they begin with. */
EXPORT void curate_phrases(const uint64_t *hashes, const int64_t *n_terms, int64_t n, entry *table, int64_t places) {
    for (int64_t i = 0; i < n; hashes += n_terms[i], i++) {
        uint64_t hash = 0;
        for (int64_t j = 0; j < n_terms[i]; j++) {
            hash = one_more(hash, hashes[j]);
            entry_of(table, (uint64_t)places - 1, hash)->value |= j == n_terms[i] - 1 ? ENDS : GOES_ON;
        }
    }
}

/* For each of n texts: how many of its terms belong to a phrase of the table; of two that overlap the first counts,
 * of two that begin at one place the longer. */
EXPORT void curate_in_phrases(const uint64_t *hashes, const int64_t *n_terms, int64_t n, const entry *table,
                              int64_t places, int64_t *counts) {
    for (int64_t i = 0; i < n; hashes += n_terms[i], i++) {
        for (int64_t j = 0; j < n_terms[i];) {
            uint64_t hash = 0;
            int64_t taken = 0;
            for (int64_t k = j; k < n_terms[i]; k++) {
                hash = one_more(hash, hashes[k]);
                const entry *one = found(table, (uint64_t)places - 1, hash);
                if (!one) break;
                if (one->value & ENDS) taken = k - j + 1;
                if (!(one->value & GOES_ON)) break;
            }
            counts[i] += taken;
            j += taken ? taken : 1;
        }
    }
}
