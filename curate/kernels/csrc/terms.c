/* Terms of UTF-8 texts: words in lower case without the signs around them, as hashes; and what is long to read.
 *
 * Called from curate/kernels/terms.py, which says what a term is. The hash is that of the code points in lower case. */
#include "textstats.h"

#define SEED UINT64_C(0x9e3779b97f4a7c15)
enum { LONG = 7 }; /* letters that make a word long: LIX, Bjornsson 1968 */

typedef struct {
    const uint8_t *at, *stop, *classes;
    const uint32_t *lower;
    uint32_t n_lower;
} reader;

typedef struct {
    uint64_t hash;
    const uint8_t *start, *end;
    int64_t n_characters;
    int alone;
} term;

static inline uint64_t with_code(const reader *r, uint64_t hash, uint32_t code) {
    return (hash ^ (code < r->n_lower ? r->lower[code] : code)) * MULTIPLIER;
}

/* Read the next term; 0 where there is none left. */
static inline int next_term(reader *r, term *t) {
    uint64_t hash = SEED;
    int64_t n = 0, open = 0;
    while (r->at < r->stop) {
        int length;
        const uint8_t *here = r->at;
        uint32_t code = next_code(here, r->stop, &length);
        uint8_t class = r->classes[code], kind = class & KIND;
        int alone = (class & ALONE) && length > 2; /* the room for terms is bounded by that */
        if (open && (alone || kind == SPACE)) break;
        r->at += length;
        if (kind == SPACE) continue;
        if (kind == SPECIAL) { /* within a word it is part of it */
            if (open && !alone) {
                hash = with_code(r, hash, code);
                n++;
            }
            continue;
        }
        hash = with_code(r, hash, code);
        n++;
        if (!open) t->start = here;
        *t = (term){mix64(hash), t->start, r->at, n, alone};
        if (alone) return 1;
        open = 1;
    }
    return open != 0;
}

/* The hashes of the terms of n texts in order, and how many each has; room for half as many as (bytes + 1) of each. */
EXPORT int64_t curate_terms(const uint8_t *bytes, const int64_t *offsets, int64_t n, const uint8_t *classes,
                            const uint32_t *lower, int64_t n_lower, int64_t *counts, uint64_t *hashes) {
    int64_t made = 0;
    term t = {0};
    for (int64_t i = 0; i < n; i++) {
        reader r = {bytes + offsets[i], bytes + offsets[i + 1], classes, lower, (uint32_t)n_lower};
        int64_t before = made;
        while (next_term(&r, &t)) hashes[made++] = t.hash;
        counts[i] = made - before;
    }
    return made;
}

static inline int is_vowel(uint8_t byte) {
    byte |= 0x20;
    return byte == 'a' || byte == 'e' || byte == 'i' || byte == 'o' || byte == 'u' || byte == 'y';
}

/* Syllables of an English word, about: runs of vowels, without an e that is not spoken at its end. */
static int64_t syllables(const uint8_t *at, const uint8_t *end) {
    int64_t n = 0;
    int before = 0;
    for (const uint8_t *here = at; here < end; here++) {
        int vowel = is_vowel(*here);
        n += vowel && !before;
        before = vowel;
    }
    if (n < 2 || end - at < 3) return n ? n : 1;
    uint8_t last = end[-1] | 0x20, second = end[-2] | 0x20, third = end[-3] | 0x20;
    int mute = last == 'e' && !is_vowel(second) && !(second == 'l' && !is_vowel(third));
    int past = last == 'd' && second == 'e' && !is_vowel(third) && third != 't' && third != 'd';
    return n - (mute || past);
}

/* Letters of ASCII in a term. */
static int64_t plain_letters(const uint8_t *at, const uint8_t *end) {
    int64_t n = 0;
    for (; at < end; at++) n += (uint8_t)((*at | 0x20) - 'a') < 26;
    return n;
}

/* For each of n texts: its terms that stand between spaces, those of them that are long, their syllables, their
 * letters of ASCII, and the terms that do not stand between spaces. */
EXPORT void curate_reading(const uint8_t *bytes, const int64_t *offsets, int64_t n, const uint8_t *classes,
                           const uint32_t *lower, int64_t n_lower, int64_t *counts) {
    term t = {0};
    for (int64_t i = 0; i < n; i++, counts += 5) {
        reader r = {bytes + offsets[i], bytes + offsets[i + 1], classes, lower, (uint32_t)n_lower};
        while (next_term(&r, &t)) {
            counts[4] += t.alone;
            if (t.alone) continue;
            counts[0]++;
            counts[1] += t.n_characters >= LONG;
            counts[2] += syllables(t.start, t.end);
            counts[3] += plain_letters(t.start, t.end);
        }
    }
}
