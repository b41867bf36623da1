/* What the files of the set-similarity join share: the record of a set. Mirrored in curate/kernels/tokens.py. */
#ifndef CURATE_JOIN_H
#define CURATE_JOIN_H

#include "native.h"

typedef struct {
    uint64_t bits[4]; /* one of 256 bits flipped by each token: sets that differ in many bits differ in many tokens */
    int64_t start;    /* of its tokens */
    int32_t size;     /* how many */
    int32_t unique;   /* how many of them, the first, are in no other set */
} Record;

#endif
