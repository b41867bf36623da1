/* The rules of C4 for lines (Raffel et al., "Exploring the limits of transfer learning with a unified text-to-text
 * transformer", 2020): which lines of a text stay, without their marks of citation.
 *
 * Called from curate/kernels/rule_statistics.py. */
#include <string.h>

#include "utf8.h"

/* Which rules are on: the bits of `rules`. */
enum { CITATIONS = 1, END_MARK = 2, LOREM_IPSUM = 4, JAVASCRIPT = 8, CURLY_BRACKET = 16, POLICY = 32 };
/* What became of a line: a place in the counts of a text. */
enum { KEPT, LONG_WORD, NO_END_MARK, FEW_WORDS, SCRIPT, NOTICE, BLANK, LOREM, BRACKET, CITED, N_OUTCOMES };

static const char *const NOTICES[] = {"terms of use",   "privacy policy", "cookie policy",
                                      "uses cookies",   "use of cookies", "use cookies"};

/* Whether the line goes on with `phrase` (lower case ASCII) once it is in lower case; the Kelvin sign becomes a k. */
static int goes_on(const uint8_t *at, const uint8_t *stop, const char *phrase) {
    for (; *phrase; phrase++, at++) {
        if (at == stop) return 0;
        uint8_t c = *at >= 'A' && *at <= 'Z' ? *at + 32 : *at;
        if (c == (uint8_t)*phrase) continue;
        if (*phrase != 'k' || stop - at < 3 || memcmp(at, "\xe2\x84\xaa", 3)) return 0;
        at += 2;
    }
    return 1;
}

/* Which phrases a line has, as bits of rules. */
static int phrases(const uint8_t *at, const uint8_t *stop) {
    int found = 0;
    for (; at < stop; at++) {
        switch (*at) {
            case '{': found |= CURLY_BRACKET; break;
            case 'j': case 'J': found |= goes_on(at, stop, "javascript") ? JAVASCRIPT : 0; break;
            case 'l': case 'L': found |= goes_on(at, stop, "lorem ipsum") ? LOREM_IPSUM : 0; break;
            case 't': case 'T': case 'p': case 'P': case 'c': case 'C': case 'u': case 'U':
                for (size_t i = 0; i < sizeof NOTICES / sizeof *NOTICES; i++)
                    if (NOTICES[i][0] == (*at | 32) && goes_on(at, stop, NOTICES[i])) found |= POLICY;
        }
    }
    return found;
}

/* Words of a line between white space; -1: one of them has more than `longest` characters. */
static int64_t words_of(const uint8_t *at, const uint8_t *stop, int64_t longest) {
    int64_t words = 0;
    for (at = skip_space(at, stop); at < stop; at = skip_space(at, stop), words++) {
        const uint8_t *word = at;
        at = skip_word(at, stop);
        if (longest >= 0 && at - word > longest && points(word, at) > longest) return -1;
    }
    return words;
}

static int is_digit(const uint8_t *at, const uint8_t *stop, const uint32_t *zeros, int64_t n_zeros) {
    if (*at < 0x80) return *at >= '0' && *at <= '9';
    uint32_t point = point_at(at, stop);
    for (int64_t i = 0; i < n_zeros && zeros[i] <= point; i++)
        if (point - zeros[i] < 10) return 1;
    return 0;
}

/* The bytes of the mark of citation that begins at a bracket, 0: there is none. */
static int64_t citation(const uint8_t *at, const uint8_t *stop, const uint32_t *zeros, int64_t n_zeros) {
    const uint8_t *digit = at + 1;
    while (digit < stop && is_digit(digit, stop, zeros, n_zeros)) {
        digit++;
        while (digit < stop && (*digit & 0xc0) == 0x80) digit++;
    }
    if (digit < stop && *digit == ']') return digit + 1 - at;
    if (stop - at >= 6 && !memcmp(at, "[edit]", 6)) return 6;
    return stop - at >= 17 && !memcmp(at, "[citation needed]", 17) ? 17 : 0;
}

/* The line without its marks of citation, written to `out`; returns its bytes. */
static int64_t uncited(const uint8_t *at, const uint8_t *stop, const uint32_t *zeros, int64_t n_zeros, uint8_t *out) {
    uint8_t *to = out;
    while (at < stop) {
        int64_t gone = *at == '[' ? citation(at, stop, zeros, n_zeros) : 0;
        if (gone) at += gone;
        else *to++ = *at++;
    }
    return to - out;
}

static int has_end_mark(const uint8_t *at, const uint8_t *stop) {
    if (at == stop || !memchr(".?!\"'", stop[-1], 5)) return 0;
    return stop - at < 3 || memcmp(stop - 3, "...", 3);
}

/* What becomes of the line between two places, of which `*made` bytes then stand at `out`. */
static int judged(const uint8_t *at, const uint8_t *stop, int rules, int64_t least, int64_t longest,
                  const uint32_t *zeros, int64_t n_zeros, uint8_t *out, int64_t *made) {
    int64_t words = words_of(at, stop, longest);
    if (words < 0) return LONG_WORD;
    *made = stop - at;
    if (rules & CITATIONS && memchr(at, '[', (size_t)(stop - at))) *made = uncited(at, stop, zeros, n_zeros, out);
    else memcpy(out, at, (size_t)(stop - at));
    if (rules & END_MARK && !has_end_mark(out, out + *made)) return NO_END_MARK;
    if (words < least) return FEW_WORDS;
    int found = phrases(out, out + *made) & rules;
    if (found & LOREM_IPSUM) return LOREM;
    if (found & JAVASCRIPT) return SCRIPT;
    if (found & CURLY_BRACKET) return BRACKET;
    return found & POLICY ? NOTICE : KEPT;
}

/* Judge the lines of n texts: `n_lines` of each, between `starts` and `ends`. Kept lines go to `out`, with `glue`
 * between those of one text; `kept_starts` and `kept_ends` say where each stands there. Per text ten counts: lines
 * kept; cut for each reason, blank ones apart; 1 where the text is given up at a line (its later lines are not looked
 * at); kept lines that lost a citation. `out` must hold all bytes and one for each line. Returns how many stay. */
EXPORT int64_t curate_c4_lines(const uint8_t *bytes, int64_t n, const int64_t *n_lines, const int64_t *starts,
                               const int64_t *ends, int64_t rules, int64_t least, int64_t longest,
                               const uint32_t *zeros, int64_t n_zeros, uint8_t glue, uint8_t *out,
                               int64_t *kept_starts, int64_t *kept_ends, int64_t *counts) {
    int64_t to = 0, kept = 0;
    for (int64_t text = 0; text < n; text++, counts += N_OUTCOMES) {
        int given_up = 0;
        memset(counts, 0, N_OUTCOMES * sizeof *counts);
        for (int64_t i = 0; i < n_lines[text]; i++, starts++, ends++) {
            if (given_up) continue;
            const uint8_t *stop = bytes + *ends, *at = skip_space(bytes + *starts, stop);
            stop = trimmed(at, stop);
            int64_t made = 0, from = counts[KEPT] ? to + 1 : to;
            int what = judged(at, stop, (int)rules, least, longest, zeros, n_zeros, out + from, &made);
            if (at == stop && (what == NO_END_MARK || what == FEW_WORDS)) what = BLANK;
            counts[what]++;
            given_up = what == LOREM || what == BRACKET;
            if (what != KEPT) continue;
            counts[CITED] += made < stop - at;
            if (from > to) out[to] = glue;
            kept_starts[kept] = from;
            kept_ends[kept++] = to = from + made;
        }
    }
    return kept;
}
