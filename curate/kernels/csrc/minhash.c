/* MinHash: minima of sets under many hash functions, and what is done with rows that share a band of minima.
 *
 * Candidates come as buckets (curate/kernels/minhash.py makes them); every one is verified by the Jaccard similarity of
 * the two sets, and a pair that meets in many buckets is verified once. Broder (1997); banding after Leskovec,
 * Rajaraman & Ullman (2020), chapter 3. */
#include "native.h"

#define AT_ONCE 256

/* The hash functions take the upper half of a shingle: x -> x * multiplier + shift modulo 2**32. */
static inline void find_minima(const uint64_t *shingles, int64_t n, const uint32_t *multipliers, const uint32_t *shifts,
                               int64_t n_hashes, uint32_t *minima) {
    for (int64_t j = 0; j < n_hashes; j++) minima[j] = UINT32_MAX;
    for (int64_t start = 0; start < n; start += AT_ONCE) {
        uint32_t halves[AT_ONCE];
        int64_t here = n - start < AT_ONCE ? n - start : AT_ONCE;
        for (int64_t i = 0; i < here; i++) halves[i] = (uint32_t)(shingles[start + i] >> 32);
        for (int64_t j = 0; j < n_hashes; j++) {
            uint32_t least = minima[j], multiplier = multipliers[j], shift = shifts[j];
            for (int64_t i = 0; i < here; i++) {
                uint32_t hash = halves[i] * multiplier + shift;
                least = hash < least ? hash : least;
            }
            minima[j] = least;
        }
    }
}

/* The minima of the sets from `start` to `stop`; `minima` has shape (stop - start, n_hashes). */
MANY_CPUS EXPORT void curate_signatures(const int64_t *offsets, const uint64_t *shingles, int64_t start, int64_t stop,
                                        const uint32_t *multipliers, const uint32_t *shifts, int64_t n_hashes,
                                        uint32_t *minima) {
    for (int64_t row = start; row < stop; row++)
        find_minima(shingles + offsets[row], offsets[row + 1] - offsets[row], multipliers, shifts, n_hashes,
                    minima + (row - start) * n_hashes);
}

/* The key of one band for each of some rows, in the upper 32 bits; below it the place of the row in `rows`. */
MANY_CPUS EXPORT void curate_band_keys(const int64_t *offsets, const uint64_t *shingles, const int64_t *rows, int64_t n,
                                       const uint32_t *multipliers, const uint32_t *shifts, int64_t n_hashes,
                                       uint32_t *minima, uint64_t *keys) {
    for (int64_t i = 0; i < n; i++) {
        int64_t row = rows[i];
        find_minima(shingles + offsets[row], offsets[row + 1] - offsets[row], multipliers, shifts, n_hashes, minima);
        uint64_t key = 0;
        for (int64_t j = 0; j < n_hashes; j++) key = mix64((key ^ minima[j]) + UINT64_C(0x9e3779b97f4a7c15));
        keys[i] = (key & UINT64_C(0xffffffff00000000)) | (uint64_t)i;
    }
}

/* A hash of each set: equal sets, equal hashes. */
MANY_CPUS EXPORT void curate_contents(const int64_t *offsets, const uint64_t *shingles, int64_t n, uint64_t *contents) {
    for (int64_t row = 0; row < n; row++) {
        uint64_t sum = (uint64_t)(offsets[row + 1] - offsets[row]);
        for (int64_t at = offsets[row]; at < offsets[row + 1]; at++) sum += mix64(shingles[at] + 1);
        contents[row] = mix64(sum);
    }
}

/* 256 bits of each set, one flipped by each shingle: sets that differ in many bits differ in many shingles. */
EXPORT void curate_bits(const int64_t *offsets, const uint64_t *shingles, const int64_t *rows, int64_t n, uint64_t *bits) {
    for (int64_t i = 0; i < n; i++, bits += 4)
        for (int64_t at = offsets[rows[i]]; at < offsets[rows[i] + 1]; at++)
            bits[shingles[at] >> 6 & 3] ^= UINT64_C(1) << (shingles[at] & 63);
}

/* How many hashes two ascending lists share; gives up, with a smaller number, once `needed` is out of reach. */
static inline int64_t overlap(const uint64_t *left, int64_t n_left, const uint64_t *right, int64_t n_right,
                              int64_t needed) {
    int64_t i = 0, j = 0, shared = 0;
    int64_t spare = n_left + n_right - 2 * needed; /* hashes that may stay alone */
    while (i < n_left && j < n_right) {
        uint64_t a = left[i], b = right[j];
        shared += a == b;
        i += a <= b;
        j += b <= a;
        if (i + j - 2 * shared > spare) break;
    }
    return shared;
}

/* The number of shared shingles of n pairs: set left[k] of one collection and set right[k] of another. */
EXPORT void curate_overlaps(const int64_t *offsets, const uint64_t *shingles, const int64_t *other_offsets,
                            const uint64_t *other_shingles, const int64_t *left, const int64_t *right, int64_t n,
                            int64_t *shared) {
    for (int64_t k = 0; k < n; k++) {
        int64_t a = offsets[left[k]], b = other_offsets[right[k]];
        shared[k] = overlap(shingles + a, offsets[left[k] + 1] - a, other_shingles + b,
                            other_offsets[right[k] + 1] - b, 0);
    }
}

/* Rows to compare, called by their rank, and the buckets they lie in. */
typedef struct {
    const int64_t *offsets;
    const uint64_t *shingles;
    const int64_t *rows;          /* the set of each rank */
    const uint64_t *bits;         /* of each rank, by curate_bits */
    double bound;
    const uint64_t *masked;       /* form of each rank: equal ones are never twins; null where every pair counts */
    const int64_t *own_offsets;   /* where the buckets of each rank begin in `own` */
    const uint32_t *own;
    const int64_t *starts;        /* where each bucket begins in `members`: ranks, ascending */
    uint32_t *members;
    int64_t *n_kept;              /* of each bucket: so many of its first members are those that stay */
    uint32_t *back;               /* of each that stays: how many in its bucket stand before its run of one masked form */
} buckets;

static inline int64_t count_bits(uint64_t x) {
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (int64_t)(x * UINT64_C(0x0101010101010101) >> 56);
}

/* The similarity of two ranks, or -1 if it is below the bound. */
static inline double similarity_of(const buckets *of, int64_t left, int64_t right) {
    int64_t a = of->offsets[of->rows[left]], n_a = of->offsets[of->rows[left] + 1] - a;
    int64_t b = of->offsets[of->rows[right]], n_b = of->offsets[of->rows[right] + 1] - b;
    int64_t small = n_a < n_b ? n_a : n_b, large = n_a < n_b ? n_b : n_a;
    if ((double)small < of->bound * (double)large) return -1;
    int64_t needed = (int64_t)(of->bound / (1 + of->bound) * (double)(n_a + n_b) + (1 - 1e-6)); /* rounded up */
    int64_t apart = 0;
    for (int k = 0; k < 4; k++) apart += count_bits(of->bits[4 * left + k] ^ of->bits[4 * right + k]);
    if (n_a + n_b - apart < 2 * needed) return -1;
    int64_t shared = overlap(of->shingles + a, n_a, of->shingles + b, n_b, needed);
    double similarity = (double)shared / (double)(n_a + n_b - shared);
    return similarity >= of->bound ? similarity : -1;
}

/* Which member of a bucket to compare a rank with, given how many of those that stay are left to look at: the place
 * before the new *left. Runs of one masked form are passed over at once, or a crowd that the guard keeps apart would
 * cost its square. 0 where none is left. */
static inline int next_kept(const buckets *of, uint32_t bucket, int64_t rank, int64_t *left) {
    while (*left > 0) {
        int64_t at = of->starts[bucket] + --*left;
        if (!of->masked || of->masked[of->members[at]] != of->masked[rank]) return 1;
        *left = of->back[at];
    }
    return 0;
}

/* A kept rank before `rank` that is its twin, or -1. */
static int64_t any_twin(const buckets *of, int64_t rank, uint32_t *seen) {
    for (int64_t k = of->own_offsets[rank]; k < of->own_offsets[rank + 1]; k++) {
        uint32_t bucket = of->own[k];
        const uint32_t *members = of->members + of->starts[bucket];
        for (int64_t m = of->n_kept[bucket]; next_kept(of, bucket, rank, &m);) {
            uint32_t other = members[m];
            if (seen[other] == (uint32_t)rank + 1) continue;
            seen[other] = (uint32_t)rank + 1;
            if (similarity_of(of, other, rank) >= 0) return other;
        }
    }
    return -1;
}

/* Put a rank behind those of a bucket that stay. */
static void keep(const buckets *of, uint32_t bucket, int64_t rank) {
    int64_t n = of->n_kept[bucket]++, at = of->starts[bucket] + n;
    of->members[at] = (uint32_t)rank;
    if (!of->masked) return;
    int same = n > 0 && of->masked[of->members[at - 1]] == of->masked[rank];
    of->back[at] = same ? of->back[at - 1] : (uint32_t)n;
}

/* Which ranks stay: in their order, each one of which no rank that stays is a twin. Puts those that stay first in each
 * bucket: only they are ever compared with, so a bucket of many twins costs no more than its size. `seen`: n zeros. */
EXPORT void curate_keep_first(const int64_t *offsets, const uint64_t *shingles, const int64_t *rows, const uint64_t *bits,
                              int64_t n, double bound, const uint64_t *masked, const int64_t *own_offsets,
                              const uint32_t *own, const int64_t *starts, uint32_t *members, int64_t *n_kept,
                              uint32_t *back, uint32_t *seen, uint8_t *stays) {
    buckets of = {offsets, shingles, rows, bits, bound, masked, own_offsets, own, starts, members, n_kept, back};
    for (int64_t rank = 0; rank < n; rank++) {
        stays[rank] = any_twin(&of, rank, seen) < 0;
        if (!stays[rank]) continue;
        for (int64_t k = own_offsets[rank]; k < own_offsets[rank + 1]; k++)
            keep(&of, own[k], rank);
    }
}

/* The most similar rank that stays, of equal ones the first, for each rank from `start` to `stop` that does not. */
EXPORT void curate_best_kept(const int64_t *offsets, const uint64_t *shingles, const int64_t *rows, const uint64_t *bits,
                             int64_t start, int64_t stop, double bound, const uint64_t *masked,
                             const int64_t *own_offsets, const uint32_t *own, const int64_t *starts, uint32_t *members,
                             int64_t *n_kept, uint32_t *back, uint32_t *seen, const uint8_t *stays, int64_t *best,
                             double *similarity) {
    buckets of = {offsets, shingles, rows, bits, bound, masked, own_offsets, own, starts, members, n_kept, back};
    for (int64_t rank = start; rank < stop; rank++) {
        if (stays[rank]) continue;
        for (int64_t k = own_offsets[rank]; k < own_offsets[rank + 1]; k++) {
            for (int64_t m = n_kept[own[k]]; next_kept(&of, own[k], rank, &m);) {
                uint32_t other = members[starts[own[k]] + m];
                if (seen[other] == (uint32_t)rank + 1) continue;
                seen[other] = (uint32_t)rank + 1;
                double found = similarity_of(&of, other, rank);
                if (found > similarity[rank] || (found == similarity[rank] && found >= 0 && other < best[rank])) {
                    best[rank] = other;
                    similarity[rank] = found;
                }
            }
        }
    }
}

/* The pairs of ranks from *next to `stop` with a later one. Where `room` would not do for all pairs of a rank, *next
 * says which rank that is. Returns how many. `seen`: n zeros, at each call. */
EXPORT int64_t curate_bucket_pairs(const int64_t *offsets, const uint64_t *shingles, const int64_t *rows, const uint64_t *bits,
                                   int64_t *next, int64_t stop, double bound, const int64_t *own_offsets, const uint32_t *own,
                                   const int64_t *starts, uint32_t *members, uint32_t *seen, int64_t *left,
                                   int64_t *right, double *similarity, int64_t room) {
    buckets of = {.offsets = offsets, .shingles = shingles, .rows = rows, .bits = bits, .bound = bound};
    int64_t n_pairs = 0;
    for (; *next < stop; ++*next) {
        int64_t rank = *next, before = n_pairs;
        for (int64_t k = own_offsets[rank]; k < own_offsets[rank + 1]; k++) {
            for (int64_t m = starts[own[k] + 1] - 1; m >= starts[own[k]] && members[m] > (uint32_t)rank; m--) {
                uint32_t other = members[m];
                if (seen[other] == (uint32_t)rank + 1) continue;
                seen[other] = (uint32_t)rank + 1;
                double found = similarity_of(&of, rank, other);
                if (found < 0) continue;
                if (n_pairs == room) return before;
                left[n_pairs] = rank;
                right[n_pairs] = other;
                similarity[n_pairs++] = found;
            }
        }
    }
    return n_pairs;
}
