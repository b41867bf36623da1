/* UTF-8 as Python reads it: characters, white space and line ends of `str`. Shared by the kernels of rule sets. */
#ifndef CURATE_UTF8_H
#define CURATE_UTF8_H

#include "native.h"

#define IS_ASCII_SPACE(c) ((c) == 32 || ((c) >= 9 && (c) <= 13) || ((c) >= 28 && (c) <= 31))

/* The bytes of the white space that begins at `at`, as `str.isspace` sees it; 0: none begins there. */
static inline int space_bytes(const uint8_t *at, const uint8_t *stop) {
    uint8_t c = *at;
    if (c < 0x80) return IS_ASCII_SPACE(c);
    if (c == 0xc2) return stop - at > 1 && (at[1] == 0x85 || at[1] == 0xa0) ? 2 : 0;
    if (c < 0xe1 || c > 0xe3 || stop - at < 3) return 0;
    uint8_t b = at[1], d = at[2];
    if (c == 0xe1) return b == 0x9a && d == 0x80 ? 3 : 0;
    if (c == 0xe3) return b == 0x80 && d == 0x80 ? 3 : 0;
    if (b == 0x80) return d <= 0x8a || d == 0xa8 || d == 0xa9 || d == 0xaf ? 3 : 0;
    return b == 0x81 && d == 0x9f ? 3 : 0;
}

/* Where the last character before `at` begins. */
static inline const uint8_t *previous(const uint8_t *begin, const uint8_t *at) {
    do at--;
    while (at > begin && (*at & 0xc0) == 0x80);
    return at;
}

static inline const uint8_t *skip_space(const uint8_t *at, const uint8_t *stop) {
    for (int length; at < stop && (length = space_bytes(at, stop)); at += length) {
    }
    return at;
}

/* The end of a text without the white space at its end. */
static inline const uint8_t *trimmed(const uint8_t *begin, const uint8_t *stop) {
    while (stop > begin) {
        const uint8_t *last = previous(begin, stop);
        if (!space_bytes(last, stop)) break;
        stop = last;
    }
    return stop;
}

static inline const uint8_t *skip_word(const uint8_t *at, const uint8_t *stop) {
    while (at < stop && !space_bytes(at, stop)) {
        if (*at++ < 0x80) continue;
        while (at < stop && (*at & 0xc0) == 0x80) at++;
    }
    return at;
}

static inline int64_t points(const uint8_t *at, const uint8_t *stop) {
    int64_t n = 0;
    for (; at < stop; at++) n += (*at & 0xc0) != 0x80;
    return n;
}

/* The character that begins at `at`. */
static inline uint32_t point_at(const uint8_t *at, const uint8_t *stop) {
    uint32_t lead = at[0];
    int more = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    if (!more || stop - at <= more) return lead;
    uint32_t code = lead & (0x3f >> more);
    for (int i = 1; i <= more; i++) code = code << 6 | (at[i] & 0x3f);
    return code;
}

/* A hash of some bytes; never 0. */
static inline uint64_t hash_bytes(const uint8_t *at, const uint8_t *stop) {
    uint64_t hash = UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)(stop - at + 1), block;
    for (; stop - at >= 8; at += 8) {
        block = 0;
        for (int i = 0; i < 8; i++) block |= (uint64_t)at[i] << (8 * i);
        hash = mix64(hash ^ block);
    }
    block = 0;
    for (int shift = 0; at < stop; at++, shift += 8) block |= (uint64_t)*at << shift;
    hash = mix64(hash ^ block);
    return hash ? hash : 1;
}

#endif
