/* What the named rule sets count on the lines and paragraphs of texts, and the lines that the rules of C4 keep.
 *
 * Lines, white space and their ends are those of Python's `str`, as the reference implementations are written in it.
 * Called from curate/kernels/rule_statistics.py. */
#include <string.h>

#include "utf8.h"

/* Where the line that begins at `at` ends, as `str.splitlines` sees it, and where the next one begins. */
static const uint8_t *line_end(const uint8_t *at, const uint8_t *stop, const uint8_t **next) {
    for (; at < stop; at++) {
        uint8_t c = *at;
        if ((c >= 10 && c <= 13) || (c >= 28 && c <= 30)) {
            *next = at + (c == 13 && at + 1 < stop && at[1] == 10 ? 2 : 1);
            return at;
        }
        if (c == 0xc2 && stop - at > 1 && at[1] == 0x85) {
            *next = at + 2;
            return at;
        }
        if (c == 0xe2 && stop - at > 2 && at[1] == 0x80 && (at[2] == 0xa8 || at[2] == 0xa9)) {
            *next = at + 3;
            return at;
        }
    }
    *next = stop;
    return stop;
}

static int ends_with(const uint8_t *at, const uint8_t *stop, const char *end) {
    int64_t length = (int64_t)strlen(end);
    return stop - at >= length && !memcmp(stop - length, end, (size_t)length);
}

static int starts_with(const uint8_t *at, const uint8_t *stop, const char *start) {
    int64_t length = (int64_t)strlen(start);
    return stop - at >= length && !memcmp(at, start, (size_t)length);
}

/* Non-overlapping places of three dots in a row, and those of the one character. */
static int64_t ellipses(const uint8_t *at, const uint8_t *stop) {
    int64_t n = 0;
    while (at < stop) {
        int length = starts_with(at, stop, "...") || starts_with(at, stop, "\xe2\x80\xa6") ? 3 : 0;
        n += length > 0;
        at += length ? length : 1;
    }
    return n;
}

/* Per text: number signs, ellipses, lines, lines that begin with a bullet, lines that end with an ellipsis. */
EXPORT void curate_line_marks(const uint8_t *bytes, const int64_t *offsets, int64_t n, int64_t *out) {
    for (int64_t text = 0; text < n; text++, out += 5) {
        const uint8_t *at = bytes + offsets[text], *stop = bytes + offsets[text + 1], *next;
        memset(out, 0, 5 * sizeof *out);
        for (const uint8_t *c = at; c < stop; c++) out[0] += *c == '#';
        out[1] = ellipses(at, stop);
        for (; at < stop; at = next) {
            const uint8_t *end = line_end(at, stop, &next), *start = skip_space(at, end);
            out[2]++;
            out[3] += starts_with(start, end, "-") || starts_with(start, end, "\xe2\x80\xa2");
            end = trimmed(start, end);
            out[4] += ends_with(start, end, "...") || ends_with(start, end, "\xe2\x80\xa6");
        }
    }
}

/* Elements seen so far, by hash; the slots are a power of two of at least twice as many. */
typedef struct {
    uint64_t *slots, mask;
} Set;

static Set empty_set(uint64_t *slots, int64_t most) {
    uint64_t size = 16;
    while (size < 2 * (uint64_t)most) size *= 2;
    memset(slots, 0, size * sizeof *slots);
    return (Set){slots, size - 1};
}

/* Whether these bytes were noted already; notes them. */
static int noted(Set set, const uint8_t *at, const uint8_t *stop) {
    uint64_t key = hash_bytes(at, stop), slot = key & set.mask;
    for (; set.slots[slot]; slot = (slot + 1) & set.mask)
        if (set.slots[slot] == key) return 1;
    set.slots[slot] = key;
    return 0;
}

/* Parts between runs of at least `least` line feeds: how many, how many came before, and the characters of these. */
static void duplicates(const uint8_t *at, const uint8_t *stop, int least, int64_t feeds, uint64_t *slots,
                       int64_t *out) {
    Set set = empty_set(slots, feeds + 1);
    const uint8_t *part = at;
    memset(out, 0, 3 * sizeof *out);
    for (;;) {
        const uint8_t *end = at < stop ? memchr(at, '\n', (size_t)(stop - at)) : NULL;
        at = end = end ? end : stop;
        while (at < stop && *at == '\n') at++;
        if (end < stop && at - end < least) continue;
        out[0]++;
        if (noted(set, part, end)) {
            out[1]++;
            out[2] += points(part, end);
        }
        if (end == stop) return;
        part = at;
    }
}

static int64_t line_feeds(const uint8_t *at, const uint8_t *stop) {
    int64_t n = 0;
    for (; at < stop; at++) n += *at == '\n';
    return n;
}

/* Per text: its characters; paragraphs, those that came before and their characters; the same of lines. The set holds a
 * power of two of at least twice as many slots as a text has line feeds and one more, at least 16. */
EXPORT void curate_repeated_parts(const uint8_t *bytes, const int64_t *offsets, int64_t n, uint64_t *set,
                                  int64_t *out) {
    for (int64_t text = 0; text < n; text++, out += 7) {
        const uint8_t *at = bytes + offsets[text], *stop = bytes + offsets[text + 1];
        int64_t feeds = line_feeds(at, stop);
        const uint8_t *start = skip_space(at, stop);
        out[0] = points(at, stop);
        duplicates(start, trimmed(start, stop), 2, feeds, set, out + 1);
        duplicates(at, stop, 1, feeds, set, out + 4);
    }
}

static int is_one_of(const uint32_t *sorted, int64_t n, uint32_t point) {
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (sorted[middle] < point) low = middle + 1;
        else high = middle;
    }
    return low < n && sorted[low] == point;
}

/* Per text: lines that are not blank, those that end with one of the `marks` (sorted), those of at most `short_line`
 * characters, the characters of those that came before; characters other than line feeds; line feeds. */
EXPORT void curate_line_shapes(const uint8_t *bytes, const int64_t *offsets, int64_t n, const uint32_t *marks,
                               int64_t n_marks, int64_t short_line, uint64_t *slots, int64_t *out) {
    for (int64_t text = 0; text < n; text++, out += 6) {
        const uint8_t *at = bytes + offsets[text], *stop = bytes + offsets[text + 1];
        memset(out, 0, 6 * sizeof *out);
        out[5] = line_feeds(at, stop);
        Set set = empty_set(slots, out[5] + 1);
        for (int last = 0; !last;) {
            const uint8_t *end = at < stop ? memchr(at, '\n', (size_t)(stop - at)) : NULL, *line = at;
            last = !end;
            if (last) end = stop;
            else at = end + 1;
            int64_t length = points(line, end);
            out[4] += length;
            if (skip_space(line, end) == end) continue;
            out[0]++;
            out[1] += is_one_of(marks, n_marks, point_at(previous(line, end), end));
            out[2] += length <= short_line;
            if (noted(set, line, end)) out[3] += length;
        }
    }
}

/* Per text: characters other than white space, and those within the ranges (pairs of first and last, sorted). */
EXPORT void curate_in_ranges(const uint8_t *bytes, const int64_t *offsets, int64_t n, const uint32_t *ranges,
                             int64_t n_ranges, int64_t *out) {
    for (int64_t text = 0; text < n; text++, out += 2) {
        const uint8_t *at = bytes + offsets[text], *stop = bytes + offsets[text + 1];
        out[0] = out[1] = 0;
        while (at < stop) {
            int space = space_bytes(at, stop);
            const uint8_t *here = at++;
            out[0] += !space;
            if (*here < 0xc0) continue;
            while (at < stop && (*at & 0xc0) == 0x80) at++;
            uint32_t point = space || *here < 0xe0 ? 0 : point_at(here, stop);
            for (int64_t i = 0; point && i < n_ranges && point >= ranges[2 * i]; i++)
                out[1] += point <= ranges[2 * i + 1];
        }
    }
}

/* The lines of n texts as `str.splitlines` gives them: how many each has, and where each starts and ends. With no
 * `starts` it only counts. Returns how many there are. */
EXPORT int64_t curate_lines(const uint8_t *bytes, const int64_t *offsets, int64_t n, int64_t *counts, int64_t *starts,
                            int64_t *ends) {
    int64_t made = 0;
    for (int64_t text = 0; text < n; text++) {
        const uint8_t *at = bytes + offsets[text], *stop = bytes + offsets[text + 1], *next;
        int64_t before = made;
        for (; at < stop; at = next, made++) {
            const uint8_t *end = line_end(at, stop, &next);
            if (!starts) continue;
            starts[made] = at - bytes;
            ends[made] = end - bytes;
        }
        counts[text] = made - before;
    }
    return made;
}
