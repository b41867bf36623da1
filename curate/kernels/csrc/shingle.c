/* Texts to sets of hashed shingles: one pass over the UTF-8 bytes of an Arrow array, then a small sort of each set.
 *
 * ASCII texts are read as they are; all others come in a normal form (NFKC, lower case) with a table of the kind of
 * each code point, so that nothing here knows Unicode. Called from curate/kernels/shingles.py, which tells what a word
 * is; the hashes are part of what a saved index holds: another hash is another format. */
#include <stdlib.h>
#include <string.h>

#include "native.h"

#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15)
#define MOST_ITEMS 16 /* in a shingle; a power of two */
#define FEW 32        /* hashes sorted by insertion */

/* A mark belongs to the word before it; where there is none it counts for nothing. */
enum kind { SEPARATOR = 0, IN_WORD = 1, ALONE = 2, SPACE = 3, MARK = 4 };
enum source { AS_IT_IS = 0, NORMAL_FORM = 1 };

/* A text being hashed, 8 bytes at a time. */
typedef struct {
    uint64_t hash, piece;
    int64_t length;
} digest;

static inline void add_byte(digest *d, uint8_t byte) {
    d->piece |= (uint64_t)byte << (8 * (d->length & 7));
    d->length++;
    if ((d->length & 7) == 0) {
        d->hash = mix64(d->hash ^ d->piece);
        d->piece = 0;
    }
}

static inline uint64_t finish(const digest *d) {
    return mix64(d->hash ^ (d->piece | (uint64_t)(d->length & 0xff) << 56));
}

/* The last items (words or characters) of a text, and where its shingles go. */
typedef struct {
    uint64_t ring[MOST_ITEMS];
    int64_t n_items;
    int32_t size;
    uint64_t *out;
} shingler;

static inline void add_shingle(shingler *s, int64_t n_items) {
    uint64_t hash = (uint64_t)n_items;
    for (int64_t i = s->n_items - n_items; i < s->n_items; i++) hash = (hash + s->ring[i & (MOST_ITEMS - 1)]) * MULTIPLIER;
    *s->out++ = mix64(hash);
}

static inline void add_item(shingler *s, uint64_t item) {
    s->ring[s->n_items & (MOST_ITEMS - 1)] = item;
    s->n_items++;
    if (s->n_items >= s->size) add_shingle(s, s->size);
}

typedef struct {
    int32_t length; /* in bytes */
    uint8_t kind;
    uint8_t first; /* the first byte, in lower case */
} character;

/* The character at `at`; a byte that is no UTF-8 is a separator. */
static inline character read_character(const uint8_t *at, const uint8_t *stop, const uint8_t *kinds, int64_t n_kinds) {
    uint8_t first = *at;
    if (first < 0x80) {
        if (first >= 'A' && first <= 'Z') first |= 0x20;
        return (character){1, kinds[first], first};
    }
    int32_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length == 0 || stop - at < length) return (character){1, SEPARATOR, first};
    int64_t code = first & (0xff >> (length + 1));
    for (int32_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) return (character){1, SEPARATOR, first};
        code = code << 6 | (at[i] & 0x3f);
    }
    /* Only what takes three bytes may be a word by itself: the room for shingles is bounded by that. */
    uint8_t kind = code < n_kinds ? kinds[code] : SEPARATOR;
    return (character){length, kind == ALONE && length < 3 ? IN_WORD : kind, first};
}

static inline void add_character(digest *d, const uint8_t *at, character c) {
    add_byte(d, c.first);
    for (int32_t i = 1; i < c.length; i++) add_byte(d, at[i]);
}

/* The first 8 bytes at `at`, the first of them lowest. */
static inline uint64_t read_8(const uint8_t *at) {
    uint64_t piece;
    memcpy(&piece, at, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    piece = __builtin_bswap64(piece);
#endif
    return piece;
}

/* The same as a digest of each byte; 8 bytes beyond the end can be read. */
static inline uint64_t digest_of(const uint8_t *at, int64_t length) {
    uint64_t hash = 0, rest = (uint64_t)(length & 0xff) << 56;
    for (; length >= 8; length -= 8, at += 8) hash = mix64(hash ^ read_8(at));
    return mix64(hash ^ (rest | (read_8(at) & ((UINT64_C(1) << (8 * length)) - 1))));
}

/* ASCII in lower case with 0 for all that is in no word, up to a multiple of 64 bytes beyond n, and 8 more. */
MANY_CPUS static void lower_ascii(const uint8_t *bytes, int64_t n, uint8_t *lowered) {
    for (int64_t i = 0; i < n; i++) {
        uint8_t byte = bytes[i], lower = byte | (uint8_t)((uint8_t)(byte - 'A') < 26) << 5;
        uint8_t in_word = ((uint8_t)(lower - 'a') < 26) | ((uint8_t)(byte - '0') < 10) | (byte == '_');
        lowered[i] = lower & (uint8_t)-in_word;
    }
    memset(lowered + n, 0, (size_t)(64 - (n & 63) + 8));
}

/* A bit for each of 64 bytes below 128 that is not 0. */
static inline uint64_t in_words(const uint8_t *lowered) {
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++) {
        uint64_t some = (read_8(lowered + 8 * i) + UINT64_C(0x7f7f7f7f7f7f7f7f)) >> 7 & UINT64_C(0x0101010101010101);
        bits |= (some * UINT64_C(0x0102040810204080)) >> 56 << (8 * i);
    }
    return bits;
}

/* The words of an ASCII text, found 64 bytes at a time by where a word begins or ends. */
static void add_ascii_words(shingler *s, const uint8_t *bytes, int64_t n, uint8_t *lowered) {
    lower_ascii(bytes, n, lowered);
    uint64_t before = 0;
    int64_t start = -1;
    for (int64_t block = 0; block <= n; block += 64) {
        uint64_t bits = in_words(lowered + block), edges = bits ^ (bits << 1 | before);
        before = bits >> 63;
        for (; edges; edges &= edges - 1) {
            int64_t at = block + __builtin_ctzll(edges);
            if (start < 0) {
                start = at;
            } else {
                add_item(s, digest_of(lowered + start, at - start));
                start = -1;
            }
        }
    }
}

static void add_words(shingler *s, const uint8_t *at, const uint8_t *stop, const uint8_t *kinds, int64_t n_kinds) {
    digest word = {0};
    while (at < stop) {
        character c = read_character(at, stop, kinds, n_kinds);
        if (c.kind == IN_WORD || (c.kind == MARK && word.length)) {
            add_character(&word, at, c);
        } else {
            if (word.length) {
                add_item(s, finish(&word));
                word = (digest){0};
            }
            if (c.kind == ALONE) {
                add_character(&word, at, c);
                add_item(s, finish(&word));
                word = (digest){0};
            }
        }
        at += c.length;
    }
    if (word.length) add_item(s, finish(&word));
}

static void add_characters(shingler *s, const uint8_t *at, const uint8_t *stop, const uint8_t *kinds, int64_t n_kinds) {
    digest space = {0};
    add_byte(&space, ' ');
    int apart = 0, in_word = 0;
    while (at < stop) {
        character c = read_character(at, stop, kinds, n_kinds);
        if (c.kind == IN_WORD || c.kind == ALONE || (c.kind == MARK && in_word)) {
            digest one = {0};
            add_character(&one, at, c);
            if (apart && s->n_items) add_item(s, finish(&space));
            add_item(s, finish(&one));
            apart = 0;
            in_word = c.kind != ALONE;
        } else if (c.kind != MARK) {
            apart = 1;
            in_word = 0;
        }
        at += c.length;
    }
}

/* The one item of a text without words: all of it, white space made even; nothing if there is nothing else. */
static void add_whole(shingler *s, const uint8_t *at, const uint8_t *stop, const uint8_t *kinds, int64_t n_kinds) {
    digest whole = {0};
    int apart = 0;
    while (at < stop) {
        character c = read_character(at, stop, kinds, n_kinds);
        if (c.kind == SPACE) {
            apart = 1;
        } else {
            if (apart && whole.length) add_byte(&whole, ' ');
            add_character(&whole, at, c);
            apart = 0;
        }
        at += c.length;
    }
    if (whole.length) {
        s->ring[0] = finish(&whole);
        s->n_items = 1;
    }
}

static void sort_few(uint64_t *hashes, int64_t n) {
    for (int64_t i = 1; i < n; i++) {
        uint64_t hash = hashes[i];
        int64_t j = i;
        for (; j > 0 && hashes[j - 1] > hash; j--) hashes[j] = hashes[j - 1];
        hashes[j] = hash;
    }
}

static int by_hash(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* Sort hashes, which are spread evenly: about as many buckets by their first bits as there are hashes, then each bucket.
 * `scratch` has room for 2 n. */
static void sort_hashes(uint64_t *hashes, int64_t n, uint64_t *scratch) {
    if (n <= FEW) {
        sort_few(hashes, n);
        return;
    }
    int bits = 1;
    while (bits < 30 && (INT64_C(2) << bits) <= n) bits++;
    int64_t n_buckets = INT64_C(1) << bits, *ends = (int64_t *)(scratch + n);
    memset(ends, 0, (size_t)n_buckets * sizeof *ends);
    for (int64_t i = 0; i < n; i++) ends[hashes[i] >> (64 - bits)]++;
    for (int64_t b = 0, before = 0; b < n_buckets; b++) {
        int64_t size = ends[b];
        ends[b] = before;
        before += size;
    }
    memcpy(scratch, hashes, (size_t)n * sizeof *hashes);
    for (int64_t i = 0; i < n; i++) hashes[ends[scratch[i] >> (64 - bits)]++] = scratch[i];
    for (int64_t b = 0, start = 0; b < n_buckets; start = ends[b++]) {
        if (ends[b] - start <= FEW)
            sort_few(hashes + start, ends[b] - start);
        else
            qsort(hashes + start, (size_t)(ends[b] - start), sizeof *hashes, by_hash);
    }
}

static int64_t unique_hashes(uint64_t *hashes, int64_t n) {
    int64_t kept = n > 0;
    for (int64_t i = 1; i < n; i++) {
        hashes[kept] = hashes[i];
        kept += hashes[kept] != hashes[kept - 1];
    }
    return kept;
}

/* Mark each text that holds a byte beyond ASCII. */
MANY_CPUS EXPORT void curate_mark_beyond_ascii(const uint8_t *bytes, const int64_t *offsets, int64_t n, uint8_t *marks) {
    for (int64_t i = 0; i < n; i++) {
        uint8_t any = 0;
        for (int64_t at = offsets[i]; at < offsets[i + 1]; at++) any |= bytes[at];
        marks[i] = any >> 7;
    }
}

/* The shingles of n texts, one set after the other in `out`; the size of each set in `sizes`; returns their sum.
 *
 * Text i is bytes[offsets[i]] up to bytes[offsets[i + 1]], or the next of the normal forms, as sources[i] says. `out`
 * has room for a shingle of every two bytes (of every byte for characters) and one for each text; `scratch` for two
 * numbers for each byte of the longest text, and 16 more. */
EXPORT int64_t curate_shingles(const uint8_t *bytes, const int64_t *offsets, const uint8_t *forms,
                               const int64_t *form_offsets, const uint8_t *sources, int64_t n, const uint8_t *kinds,
                               int64_t n_kinds, int32_t size, int32_t of_characters, uint64_t *out, int64_t *sizes,
                               uint64_t *scratch) {
    uint64_t *end = out;
    for (int64_t i = 0; i < n; i++) {
        const uint8_t *at = bytes + offsets[i], *stop = bytes + offsets[i + 1];
        if (sources[i] == NORMAL_FORM) {
            at = forms + form_offsets[0];
            stop = forms + form_offsets[1];
            form_offsets++;
        }
        shingler s = {.size = size, .out = end};
        if (of_characters)
            add_characters(&s, at, stop, kinds, n_kinds);
        else if (sources[i] == AS_IT_IS)
            add_ascii_words(&s, at, stop - at, (uint8_t *)scratch);
        else
            add_words(&s, at, stop, kinds, n_kinds);
        if (s.n_items == 0) add_whole(&s, at, stop, kinds, n_kinds);
        if (s.n_items > 0 && s.n_items < size) add_shingle(&s, s.n_items);
        if (s.n_items == 1 && s.out == end) add_shingle(&s, 1);
        sort_hashes(end, s.out - end, scratch);
        sizes[i] = unique_hashes(end, s.out - end);
        end += sizes[i];
    }
    return end - out;
}
