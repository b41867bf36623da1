/* Exact set-similarity join: an index from tokens to the sets that hold them among their rarest, and walks through it.
 *
 * The proof that nothing is missed is in curate/kernels/join.py. In short: two sets that share `need` tokens share one
 * among the first size - need + 1 of either, and the rarest token they share is one of those. A pair is therefore met
 * where the two first meet, and only there (that is also how a pair met at several tokens is counted once).
 * Prefix filter: Chaudhuri, Ganti & Kaushik, ICDE 2006; bound by places: Xiao et al., PPJoin, WWW 2008; bound by
 * bitmaps: Sandes, Teodoro & Melo, 2020. */
#include "join.h"

#define INLINE static inline __attribute__((always_inline))

enum { FREQUENT = 20, AHEAD = 32 }; /* class from which lists are cut by size (64 sets or more); prefetch distance */

typedef struct {
    uint32_t tag, head; /* part of the hash of the key; its newest entry, 0 for none */
} Slot;

typedef struct {
    uint32_t next, row; /* the entry before it in its list; the number of the set */
    int32_t size, place;
} Entry;

typedef struct {
    const uint64_t *tokens;
    const Record *records;
    const uint64_t *forms; /* sets of one form are never a match; null where every pair counts */
} Sets;

typedef struct {
    Slot *slots;
    Entry *entries;     /* from 1 */
    uint32_t *skips;    /* with forms: the next entry of another form */
    const Sets *sets;   /* the sets indexed */
    uint8_t *gone;      /* sets to take out of their lists when met; null for none */
    uint64_t mask;      /* slots - 1 */
    double bound;       /* the least similarity, less the rounding */
    uint32_t used;      /* entries */
    int32_t containment, ascending; /* the measure; sets come in order of size */
    int32_t largest;    /* the greatest size */
    int32_t finest;     /* binary digits of a size that tell its class */
} Index;

/* The set that asks, and how similar an answer must be; `share` is bound / (1 + bound). Where only the most similar set
 * is asked for, `best` is how similar the one found is, and `twin` its row: a later row must be more similar. */
typedef struct {
    const Sets *sets;
    int64_t row;
    double bound, share, best;
    uint32_t twin;
} Query;

typedef struct {
    uint32_t row;
    int32_t overlap;
    double similarity;
} Match;

/* What is done with a match: 0 to go on, 1 to stop. */
typedef int (*Visit)(void *state, Query *query, const Match *match);

INLINE int64_t ceiling(double x) {
    int64_t whole = (int64_t)x;
    return whole + ((double)whole < x);
}

INLINE int32_t prefix_of(int32_t size, double bound) { return size - (int32_t)ceiling(bound * size) + 1; }

INLINE int64_t need_of(const Index *index, const Query *query, int64_t a, int64_t b) {
    if (index->containment) return ceiling(query->bound * (double)(a < b ? a : b));
    return ceiling(query->share * (double)(a + b));
}

/* Sizes in classes that widen like floating-point numbers of `finest` digits; never falls as the size grows. */
INLINE uint64_t size_class(uint64_t size, int finest) {
    int octave = 63 - __builtin_clzll(size);
    if (octave < finest) return size;
    return (uint64_t)(octave - finest + 1) << finest | ((size >> (octave - finest)) & ((UINT64_C(1) << finest) - 1));
}

/* Lists are kept by token, by size class where the token is frequent, and apart for tokens behind the prefix. */
INLINE uint64_t key_of(uint64_t token, uint64_t class, int behind) {
    return mix64(token ^ ((class << 1 | (uint64_t)behind) * UINT64_C(0x9e3779b97f4a7c15)));
}

INLINE Slot *slot_of(const Index *index, uint64_t key) {
    uint32_t tag = (uint32_t)(key >> 32);
    uint64_t at = key & index->mask;
    while (index->slots[at].head && index->slots[at].tag != tag) at = (at + 1) & index->mask;
    return &index->slots[at];
}

/* The overlap of two sets, or -1: less than `need`, or first met elsewhere than at (i, j). */
INLINE int64_t overlap_of(const uint64_t *a, const Record *ra, int32_t i, const uint64_t *b, const Record *rb, int32_t j,
                          int64_t need) {
    int64_t p = ra->unique, q = rb->unique, left = ra->size, right = rb->size, common = 1;
    while (a[p] != b[q]) {
        if (a[p] < b[q]) {
            if (++p > i) return -1;
        } else if (++q > j) return -1;
    }
    if (p != i || q != j) return -1;
    for (p++, q++; p < left && q < right;) {
        uint64_t u = a[p], v = b[q];
        if (u == v) {
            common++, p++, q++;
        } else if (u < v) {
            if (common + left - ++p < need) return -1;
        } else if (common + right - ++q < need) return -1;
    }
    return common >= need ? common : -1;
}

/* Can the two share `need` tokens when they first meet at places i and j? */
INLINE int within_reach(const Index *index, const Query *query, int32_t a, int32_t i, int32_t b, int32_t j) {
    int32_t left = a - i, right = b - j;
    return (left < right ? left : right) >= need_of(index, query, a, b);
}

INLINE double similarity_of(const Index *index, int64_t a, int64_t b, int64_t overlap) {
    return (double)overlap / (double)(index->containment ? (a < b ? a : b) : a + b - overlap);
}

/* Can the two, a later row than the best one and met at these places, be more similar than that one? */
INLINE int may_be_better(const Index *index, const Query *query, int32_t a, int32_t i, int32_t b, int32_t j) {
    int32_t left = a - i, right = b - j;
    return similarity_of(index, a, b, left < right ? left : right) > query->best;
}

INLINE int far_in_bits(const Record *a, const Record *b, int64_t need) {
    int64_t differ = 0;
    for (int k = 0; k < 4; k++) differ += __builtin_popcountll(a->bits[k] ^ b->bits[k]);
    return a->size + b->size - differ < 2 * need;
}

/* Go through the list that begins at `head` down to entry `floor`. */
INLINE int walk(const Index *index, Query *query, uint32_t *head, int32_t i, uint32_t floor, Visit visit, void *state) {
    const Sets *asking = query->sets, *sets = index->sets;
    const Record *a = &asking->records[query->row];
    for (uint32_t *link = head; *link > floor;) {
        Entry *found = &index->entries[*link];
        if (index->ascending && !index->containment && found->size < query->bound * a->size) return 0;
        if (index->gone && index->gone[found->row]) {
            if (link == head && !found->next) return 0; /* a slot stays in use */
            *link = found->next;
            continue;
        }
        if (sets->forms && sets->forms[found->row] == asking->forms[query->row]) {
            link = &index->skips[*link];
            continue;
        }
        link = &found->next;
        if (!within_reach(index, query, a->size, i, found->size, found->place)) continue;
        if (found->row > query->twin && !may_be_better(index, query, a->size, i, found->size, found->place)) continue;
        const Record *b = &sets->records[found->row];
        int64_t need = need_of(index, query, a->size, b->size);
        if (far_in_bits(a, b, need)) continue;
        int64_t overlap = overlap_of(asking->tokens + a->start, a, i, sets->tokens + b->start, b, found->place, need);
        if (overlap < 0) continue;
        Match match = {found->row, (int32_t)overlap, similarity_of(index, a->size, b->size, overlap)};
        if (visit(state, query, &match)) return 1;
    }
    return 0;
}

/* The greatest size of a set whose first token in common with this one is at place i. */
INLINE int64_t greatest_partner(const Index *index, const Query *query, int64_t size, int64_t i) {
    if (index->containment) return i < prefix_of((int32_t)size, query->bound) ? INT32_MAX : (int64_t)((size - i) / query->bound);
    int64_t most = (int64_t)((double)(size - i) / query->share) - size + 1;
    return index->ascending && most > size ? size : most;
}

/* Meet every set that was indexed after entry `floor` and is similar enough, each once. */
INLINE void probe(const Index *index, Query *query, uint32_t floor, Visit visit, void *state) {
    const Record *a = &query->sets->records[query->row];
    if (a->size == 0) return;
    const uint64_t *tokens = query->sets->tokens + a->start;
    int32_t prefix = prefix_of(a->size, query->bound), last = index->containment ? a->size : prefix;
    for (int32_t i = a->unique; i < last && i < a->unique + AHEAD; i++)
        __builtin_prefetch(&index->slots[key_of(tokens[i], 0, 0) & index->mask]);
    for (int32_t i = a->unique; i < last; i++) {
        uint64_t from = 0, to = 0;
        if (tokens[i] >> 58 >= FREQUENT) {
            int64_t least = index->containment ? 1 : ceiling(query->bound * a->size);
            int64_t most = greatest_partner(index, query, a->size, i);
            if (most < least) continue;
            from = size_class((uint64_t)least, index->finest);
            to = size_class((uint64_t)(most < index->largest ? most : index->largest), index->finest);
        }
        for (int behind = 0; behind <= (index->containment && !index->ascending && i < prefix); behind++)
            for (uint64_t class = from; class <= to; class++) {
                Slot *slot = slot_of(index, key_of(tokens[i], class, behind));
                if (slot->head > floor && walk(index, query, &slot->head, i, floor, visit, state)) return;
            }
        if (!index->containment) last = prefix_of(a->size, query->bound);
    }
}

INLINE void insert(Index *index, int64_t row) {
    const Sets *sets = index->sets;
    const Record *a = &sets->records[row];
    const uint64_t *tokens = sets->tokens + a->start;
    int32_t prefix = prefix_of(a->size, index->bound), last = prefix;
    if (index->containment && !index->ascending) last = a->size;
    if (!index->containment && index->ascending) last = prefix_of(a->size, 2 * index->bound / (1 + index->bound));
    for (int32_t i = a->unique; i < last; i++) {
        uint64_t class = tokens[i] >> 58 >= FREQUENT ? size_class((uint64_t)a->size, index->finest) : 0;
        uint64_t key = key_of(tokens[i], class, i >= prefix);
        Slot *slot = slot_of(index, key);
        uint32_t entry = ++index->used, head = slot->head;
        index->entries[entry] = (Entry){head, (uint32_t)row, a->size, i};
        if (sets->forms)
            index->skips[entry] =
                head && sets->forms[index->entries[head].row] == sets->forms[row] ? index->skips[head] : head;
        *slot = (Slot){(uint32_t)(key >> 32), entry};
    }
}

INLINE Query query_of(const Index *index, const Sets *sets, int64_t row) {
    return (Query){sets, row, index->bound, index->bound / (1 + index->bound), 0, UINT32_MAX};
}

static int stop_at_first(void *state, Query *query, const Match *match) {
    (void)query, (void)match;
    *(uint8_t *)state = 1;
    return 1;
}

/* Which of the sets [from, to) have a match among those indexed: found[row] = 1. */
MANY_CPUS EXPORT void curate_join_find(const Index *index, int64_t from, int64_t to, uint8_t *found) {
    for (int64_t row = from; row < to; row++) {
        Query query = query_of(index, index->sets, row);
        probe(index, &query, 0, stop_at_first, &found[row]);
    }
}

/* Of the sets [from, to) not yet found, in order: look for a match among those indexed since `floor`, else index it. */
MANY_CPUS EXPORT void curate_join_settle(Index *index, int64_t from, int64_t to, uint32_t floor, uint8_t *found) {
    for (int64_t row = from; row < to; row++) {
        if (found[row]) continue;
        Query query = query_of(index, index->sets, row);
        probe(index, &query, floor, stop_at_first, &found[row]);
        if (!found[row]) insert(index, row);
    }
}

/* The last first, so that the first sets are met first: of equally similar ones they count, and the others are passed. */
EXPORT void curate_join_insert(Index *index, int64_t from, int64_t to) {
    for (int64_t row = to - 1; row >= from; row--) insert(index, row);
}

typedef struct {
    uint32_t left, right;
    double similarity;
} Pair;

typedef struct {
    Pair *pairs;
    int64_t n, room;
} Pile;

static int add_pair(void *state, Query *query, const Match *match) {
    Pile *pile = state;
    if (pile->n == pile->room) {
        pile->n++;
        return 1;
    }
    pile->pairs[pile->n++] = (Pair){(uint32_t)query->row, match->row, match->similarity};
    return 0;
}

/* Pairs of the sets [from, to) with those indexed after `floor`; with `growing`, each is indexed in its turn.
 * Returns the set before which there was no room for all of its pairs, or `to`; n_pairs[0] is how many were written. */
MANY_CPUS EXPORT int64_t curate_join_pairs(Index *index, int64_t from, int64_t to, uint32_t floor, int growing,
                                           Pair *pairs, int64_t room, int64_t *n_pairs) {
    Pile pile = {pairs, 0, room};
    for (int64_t row = from; row < to; row++) {
        Query query = query_of(index, index->sets, row);
        *n_pairs = pile.n;
        probe(index, &query, floor, add_pair, &pile);
        if (pile.n > room) return row;
        if (growing) insert(index, row);
    }
    *n_pairs = pile.n;
    return to;
}

typedef struct {
    int64_t row;
    double similarity;
} Nearest;

/* Keep the most similar, of equals the first indexed, and ask for no less from now on. */
static int keep_nearest(void *state, Query *query, const Match *match) {
    Nearest *nearest = state;
    if (match->similarity > nearest->similarity ||
        (match->similarity == nearest->similarity && match->row < nearest->row)) {
        *nearest = (Nearest){match->row, match->similarity};
        query->twin = match->row, query->best = match->similarity;
        double bound = match->similarity * (1 - 1e-12);
        if (bound > query->bound) query->bound = bound, query->share = bound / (1 + bound);
    }
    return 0;
}

/* For each of the sets rows[from … to) of `asking` the most similar set indexed, -1 for none. */
MANY_CPUS EXPORT void curate_join_nearest(const Index *index, int64_t from, int64_t to, const Sets *asking,
                                          const int64_t *rows, int64_t *twin, double *similarity) {
    for (int64_t i = from; i < to; i++) {
        Query query = query_of(index, asking, rows[i]);
        Nearest nearest = {-1, 0};
        probe(index, &query, 0, keep_nearest, &nearest);
        twin[i] = nearest.row;
        similarity[i] = nearest.similarity;
    }
}

typedef struct {
    uint8_t *gone;
    int64_t *queue, end;
} Frontier;

static int reach(void *state, Query *query, const Match *match) {
    Frontier *frontier = state;
    (void)query;
    frontier->gone[match->row] = 1;
    frontier->queue[frontier->end++] = match->row;
    return 0;
}

/* Connected components of n sets, all indexed: labels[row] is the first set of its component.
 * Sets reached leave their lists (index->gone), so that a component costs its size, not its square. */
MANY_CPUS EXPORT void curate_join_components(Index *index, int64_t n, int64_t *queue, int64_t *labels) {
    for (int64_t root = 0; root < n; root++) {
        if (index->gone[root]) continue;
        Frontier frontier = {index->gone, queue, 1};
        index->gone[root] = 1;
        queue[0] = root;
        for (int64_t i = 0; i < frontier.end; i++) {
            labels[queue[i]] = root;
            Query query = query_of(index, index->sets, queue[i]);
            probe(index, &query, 0, reach, &frontier);
        }
    }
}
