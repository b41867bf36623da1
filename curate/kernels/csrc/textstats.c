/* Counts of characters, words and lines of UTF-8 texts in one pass.
 *
 * Called from curate/kernels/text_statistics.py, which says what each count means. */
#include "textstats.h"

enum {
    CHARACTERS, LETTERS, LOWERS, UPPERS, MARKS, DIGITS, SPACES, ALONES,
    WORDS, IN_WORDS, LONGEST_WORD, LINES, BLANK_LINES, IN_LINES, LONGEST_LINE, N_COUNTS
};
enum { AT_ONCE = 255 }; /* characters after which a lane of 8 bits may be full */

/* What a character of each class adds to eight counters of 8 bits, the lowest first: letters, lower, upper, marks,
 * digits, spaces, words by themselves, characters of other words. */
#define LANE(i) (UINT64_C(1) << (8 * (i)))
#define IN_WORD LANE(7)
#define ONE_BY_ITSELF LANE(6)
#define KINDS(rest)                                                                                        \
    (rest), LANE(0) | (rest), LANE(0) | LANE(1) | (rest), LANE(0) | LANE(2) | (rest), LANE(3) | (rest),    \
        LANE(4) | (rest), LANE(5), (rest)
static const uint64_t lanes[32] = {KINDS(IN_WORD), KINDS(ONE_BY_ITSELF), KINDS(IN_WORD), KINDS(ONE_BY_ITSELF)};

static inline void flush(uint64_t *sum, int64_t *counts) {
    for (int i = 0; i < 7; i++) counts[LETTERS + i] += *sum >> (8 * i) & 0xff;
    counts[IN_WORDS] += *sum >> 56;
    *sum = 0;
}

static inline void end_line(int64_t length, int blank, int64_t *counts) {
    counts[LINES]++;
    if (blank) {
        counts[BLANK_LINES]++;
        return;
    }
    counts[IN_LINES] += length;
    if (length > counts[LONGEST_LINE]) counts[LONGEST_LINE] = length;
}

static void count_text(const uint8_t *at, const uint8_t *stop, const uint8_t *classes, int64_t *counts) {
    uint64_t sum = 0, inside = 0;
    int64_t characters = 0, words = 0, run = 0, longest = 0, line = 0;
    int blank = 1, left = AT_ONCE;
    uint32_t before = 0;
    while (at < stop) {
        int length;
        uint32_t code = next_code(at, stop, &length);
        uint8_t class = classes[code];
        uint64_t adds = lanes[class], in_word = adds >> 56;
        at += length;
        characters++;
        sum += adds;
        if (--left == 0) {
            flush(&sum, counts);
            left = AT_ONCE;
        }
        words += (int64_t)(in_word & ~inside);
        inside = in_word;
        run = (run + 1) & -(int64_t)in_word;
        longest = run > longest ? run : longest;
        if (class & BREAKS) {
            /* A carriage return before a line feed ends no line of its own. */
            if (code != '\r' || at == stop || *at != '\n') {
                end_line(characters - 1 - line - (code == '\n' && before == '\r'), blank, counts);
                line = characters;
                blank = 1;
            }
        } else {
            blank &= (class & KIND) == SPACE;
        }
        before = code;
    }
    flush(&sum, counts);
    if (characters > line) end_line(characters - line, blank, counts);
    counts[CHARACTERS] = characters;
    counts[WORDS] = words + counts[ALONES];
    counts[LONGEST_WORD] = longest ? longest : counts[ALONES] > 0;
}

/* The counts of n texts, N_COUNTS for each, all 0 before. */
EXPORT void curate_text_counts(const uint8_t *bytes, const int64_t *offsets, int64_t n, const uint8_t *classes,
                               int64_t *counts) {
    for (int64_t i = 0; i < n; i++)
        count_text(bytes + offsets[i], bytes + offsets[i + 1], classes, counts + i * N_COUNTS);
}
