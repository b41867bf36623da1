/* Texts as tokens that were found once per chunk: the table of known chunks, and counts over their tokens.
 *
 * A chunk is a run without white space; a tokenizer of rules splits each by itself, so that what it made of a chunk
 * holds wherever the chunk stands. Called from curate/kernels/word_table.py, which has new chunks split. */
#include "utf8.h"

#define BREAK (-1) /* an item that stands for white space other than one space: a token of no word */
#define PRIME ((UINT64_C(1) << 61) - 1)
#define BASE UINT64_C(0x0b7e151628aed2a6)

/* What a token is: the bits of its `kind`. */
enum { PUNCTUATION = 1, ENDS_SENTENCE = 2, ALPHABETIC = 4, SYMBOLS = 8, CLOSES_SENTENCE = 16 };

static inline uint64_t product(uint64_t a, uint64_t b) {
    unsigned __int128 all = (unsigned __int128)a * b;
    uint64_t sum = (uint64_t)(all & PRIME) + (uint64_t)(all >> 61);
    return sum >= PRIME ? sum - PRIME : sum;
}

typedef struct {
    uint64_t *keys;
    int32_t *entries;
    uint64_t mask;
    int64_t known, room, missing;
    int64_t *wanted;
    const uint8_t *bytes;
} Table;

/* The entry of a chunk. A new one gets the next number and is asked for, unless there is no room: then -2. */
static int32_t entry_of(Table *table, const uint8_t *at, const uint8_t *stop) {
    uint64_t key = hash_bytes(at, stop), slot = key & table->mask;
    for (; table->keys[slot]; slot = (slot + 1) & table->mask)
        if (table->keys[slot] == key) return table->entries[slot];
    if (table->missing == table->room) return -2;
    table->keys[slot] = key;
    table->wanted[2 * table->missing] = at - table->bytes;
    table->wanted[2 * table->missing + 1] = stop - table->bytes;
    return table->entries[slot] = (int32_t)(table->known + table->missing++);
}

/* The chunks of n texts as numbers of entries, with BREAK between them where a token of white space stands. Chunks that
 * one space parts and whose masks meet (the end of the one, the start of the next could make an exception of the
 * tokenizer) count as one. Returns how many chunks are new: they stand in `wanted` as pairs of start and end, the
 * items then are to be found again. `complete` is 0 where there was no room for some. */
EXPORT int64_t curate_chunks(const uint8_t *bytes, const int64_t *starts, const int64_t *ends, int64_t n,
                             uint64_t *keys, int32_t *entries, uint64_t mask, int64_t known, int64_t room,
                             const uint64_t *tails, const uint64_t *heads, int64_t *wanted, int32_t *items,
                             int64_t *counts, uint8_t *complete) {
    Table table = {keys, entries, mask, known, room, 0, wanted, bytes};
    int64_t made = 0;
    *complete = 1;
    for (int64_t text = 0; text < n; text++) {
        const uint8_t *at = bytes + starts[text], *stop = bytes + ends[text], *open = NULL, *close = NULL;
        int64_t before = made, joined = 0;
        int32_t last = -2;
        for (;;) {
            const uint8_t *space = at;
            at = skip_space(at, stop);
            int wide = space < at && (space == bytes + starts[text] || at - space > 1 || *space != ' ');
            const uint8_t *chunk = at;
            at = skip_word(at, stop);
            int32_t entry = chunk < at ? entry_of(&table, chunk, at) : -2;
            if (chunk < at && entry == -2) *complete = 0;
            int meets = open && !wide && chunk < at && last >= 0 && entry >= 0 && last < known && entry < known &&
                        (tails[last] & heads[entry]);
            if (!meets && open) { /* what was open is whole */
                items[made] = joined > 1 ? entry_of(&table, open, close) : last;
                if (items[made++] == -2) *complete = 0;
                open = NULL;
            }
            if (wide) items[made++] = BREAK;
            if (chunk == at) break;
            if (!open) {
                open = chunk;
                joined = 0;
            }
            joined++;
            close = at;
            last = entry;
        }
        counts[text] = made - before;
    }
    return table.missing;
}

/* Put the chunks of a table into a larger one. */
EXPORT void curate_chunks_grow(const uint64_t *keys, const int32_t *entries, int64_t slots, uint64_t *new_keys,
                               int32_t *new_entries, uint64_t mask) {
    for (int64_t i = 0; i < slots; i++) {
        if (!keys[i]) continue;
        uint64_t slot = keys[i] & mask;
        while (new_keys[slot]) slot = (slot + 1) & mask;
        new_keys[slot] = keys[i];
        new_entries[slot] = entries[i];
    }
}

/* Of each token a hash of its bytes as a polynomial and the power that its length stands for, so that the hash of
 * tokens written one after the other follows from theirs (Karp and Rabin, 1987), and its characters. */
EXPORT void curate_token_hashes(const uint8_t *bytes, const int64_t *offsets, int64_t n, uint64_t *hashes,
                                uint64_t *powers, int32_t *n_points) {
    for (int64_t i = 0; i < n; i++) {
        uint64_t hash = 0, power = 1;
        for (int64_t at = offsets[i]; at < offsets[i + 1]; at++) {
            hash = product(hash, BASE) + bytes[at] + 1;
            power = product(power, BASE);
        }
        hashes[i] = hash >= PRIME ? hash - PRIME : hash;
        powers[i] = power;
        n_points[i] = (int32_t)points(bytes + offsets[i], bytes + offsets[i + 1]);
    }
}

static int64_t place_of(const uint64_t *sorted, int64_t n, uint64_t key) {
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (sorted[middle] < key) low = middle + 1;
        else high = middle;
    }
    return low < n && sorted[low] == key ? low : -1;
}

/* Per text: tokens, those that are more than symbols, the characters of these, those with a letter, and how many
 * different ones of the `stops` (sorted hashes) there are. `seen` holds -1 for each of these. */
EXPORT void curate_word_counts(const int32_t *items, const int64_t *counts, int64_t n, const int64_t *first,
                               const uint8_t *kinds, const int32_t *n_points, const uint64_t *hashes,
                               const uint64_t *stops, int64_t n_stops, int64_t *seen, int64_t *out) {
    for (int64_t text = 0; text < n; text++, out += 5) {
        int64_t words = 0, plain = 0, length = 0, letters = 0, found = 0;
        for (int64_t i = 0; i < counts[text]; i++, items++) {
            if (*items == BREAK) continue;
            for (int64_t token = first[*items]; token < first[*items + 1]; token++) {
                words++;
                letters += (kinds[token] & ALPHABETIC) != 0;
                if (!(kinds[token] & SYMBOLS)) {
                    plain++;
                    length += n_points[token];
                }
                int64_t place = n_stops ? place_of(stops, n_stops, hashes[token]) : -1;
                if (place < 0 || seen[place] == text) continue;
                seen[place] = text;
                found++;
            }
        }
        out[0] = words, out[1] = plain, out[2] = length, out[3] = letters, out[4] = found;
    }
}

/* Per text the sentences: one begins at a token that is no punctuation after one that ends sentences. Where `cuts` is
 * not NULL, it takes for each text the bytes where its second and later sentences begin; returns how many cuts. */
EXPORT int64_t curate_sentences(const uint8_t *bytes, const int64_t *starts, const int64_t *ends, int64_t n,
                                const int32_t *items, const int64_t *counts, const int64_t *first,
                                const uint8_t *kinds, const int32_t *token_ends, const int32_t *n_bytes, int64_t *out,
                                int64_t *cuts) {
    int64_t made = 0;
    for (int64_t text = 0; text < n; text++) {
        const uint8_t *at = bytes + starts[text], *stop = bytes + ends[text];
        int64_t sentences = counts[text] > 0;
        int ended = 0;
        for (int64_t i = 0; i < counts[text]; i++, items++) {
            int wide = *items == BREAK;
            int64_t from = wide ? 0 : first[*items], to = wide ? 1 : first[*items + 1], here = 0;
            if (cuts && !wide) at = skip_space(at, stop);
            for (int64_t token = from; token < to; token++) {
                int kind = wide ? 0 : kinds[token];
                if (kind & ENDS_SENTENCE) {
                    ended = 1;
                } else if (!(kind & PUNCTUATION)) {
                    if (ended && cuts) cuts[made] = at - bytes + here;
                    made += ended;
                    sentences += ended;
                    ended = (kind & CLOSES_SENTENCE) != 0;
                }
                if (!wide) here = token_ends[token];
            }
            if (cuts && !wide) at += n_bytes[*items];
        }
        out[text] = sentences;
    }
    return made;
}

static uint64_t mask_for(int64_t n) {
    uint64_t size = 16;
    while (size < 2 * (uint64_t)n) size *= 2;
    return size - 1;
}

/* The characters of the most frequent of n keys (the first of those) times its count; those of key i lie between
 * `reach[i]` and `reach[i + size]`, and a space stands between two tokens. */
static int64_t most_frequent(const uint64_t *keys, int64_t n, int64_t size, const int64_t *reach, uint64_t *set,
                             int64_t *notes) {
    uint64_t mask = mask_for(n);
    int64_t best = 0, best_at = 0;
    for (uint64_t i = 0; i <= mask; i++) set[i] = 0;
    for (int64_t i = 0; i < n; i++) {
        uint64_t key = keys[i] ? keys[i] : 1, slot = key & mask;
        while (set[slot] && set[slot] != key) slot = (slot + 1) & mask;
        int64_t *note = notes + 2 * slot;
        if (!set[slot]) {
            set[slot] = key;
            note[0] = 0;
            note[1] = i;
        }
        note[0]++;
        if (note[0] > best || (note[0] == best && note[1] < best_at)) {
            best = note[0];
            best_at = note[1];
        }
    }
    return best * (reach[best_at + size] - reach[best_at] + size - 1);
}

/* The characters of the runs of `size` tokens that came before, counted so that no two of them overlap. */
static int64_t repeated(const uint64_t *keys, int64_t n, int64_t size, const int64_t *reach, uint64_t *set) {
    uint64_t mask = mask_for(n);
    int64_t length = 0;
    for (uint64_t i = 0; i <= mask; i++) set[i] = 0;
    for (int64_t i = 0; i < n;) {
        uint64_t key = keys[i] + 1, slot = mix64(key) & mask;
        while (set[slot] && set[slot] != key) slot = (slot + 1) & mask;
        if (set[slot]) {
            length += reach[i + size] - reach[i];
            i += size;
        } else {
            set[slot] = key;
            i++;
        }
    }
    return length;
}

/* Per text: for runs of 2, 3 and 4 tokens the characters of the most frequent one times its count (-1: no such run),
 * for runs of 5 to 10 the characters of repeated ones. The arrays hold the tokens of one text (`reach` one more), `set`
 * and `notes` a power of two of at least twice as many slots (`notes` two numbers a slot), at least 16. */
EXPORT void curate_word_runs(const int32_t *items, const int64_t *counts, int64_t n, const int64_t *first,
                             const uint64_t *hashes, const uint64_t *powers, const int32_t *n_points, uint64_t *hash,
                             uint64_t *power, uint64_t *keys, int64_t *reach, uint64_t *set, int64_t *notes,
                             int64_t *out) {
    for (int64_t text = 0; text < n; text++, out += 9) {
        int64_t words = 0;
        reach[0] = 0;
        for (int64_t i = 0; i < counts[text]; i++, items++) {
            if (*items == BREAK) continue;
            for (int64_t token = first[*items]; token < first[*items + 1]; token++, words++) {
                hash[words] = hashes[token];
                power[words] = powers[token];
                reach[words + 1] = reach[words] + n_points[token];
            }
        }
        for (int64_t i = 0; i < words; i++) keys[i] = mix64(hash[i]);
        for (int64_t size = 2; size <= 4; size++) {
            int64_t left = words - size + 1;
            for (int64_t i = 0; i < left; i++) keys[i] = mix64(keys[i] + hash[i + size - 1]);
            out[size - 2] = left > 0 ? most_frequent(keys, left, size, reach, set, notes) : -1;
        }
        for (int64_t i = 0; i < words; i++) keys[i] = hash[i];
        for (int64_t size = 2; size <= 10; size++) {
            int64_t left = words - size + 1;
            for (int64_t i = 0; i < left; i++) {
                uint64_t next = product(keys[i], power[i + size - 1]) + hash[i + size - 1];
                keys[i] = next >= PRIME ? next - PRIME : next;
            }
            if (size >= 5) out[size - 2] = left > 0 ? repeated(keys, left, size, reach, set) : 0;
        }
    }
}
