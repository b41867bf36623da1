/* A sum of embeddings into a linear layer: rows to features, scores, and training by AdaGrad, one model on one thread.
 *
 * Every sum has a fixed order, elements side by side never mix, and exp and log are made of additions and products
 * only: the same bytes on every CPU. AdaGrad: Duchi et al., "Adaptive subgradient methods", 2011. Called from
 * curate/kernels/embedding_bag.py. */
#include "native.h"

#include <math.h>
#include <string.h>

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

#define INLINE static inline __attribute__((always_inline))
#define LANES 32
#define AHEAD 12 /* entries between asking for an embedding and using it */
#define TINY 1e-12f

enum { SOFTMAX = 0, SIGMOID = 1, SQUARES = 2 };

/* e^x for x <= 0: powers of two times a Taylor sum on [-ln 2 / 2, ln 2 / 2]. */
INLINE double exp_of(double x) {
    if (!(x > -700.0)) return 0.0;
    int64_t power = (int64_t)(x * 1.4426950408889634 - 0.5);
    double rest = (x - (double)power * 6.93147180369123816490e-01) - (double)power * 1.90821492927058770002e-10;
    double sum = 1.0;
    for (int n = 13; n > 0; n--) sum = 1.0 + sum * rest / n;
    union { uint64_t bits; double value; } scale = {(uint64_t)(power + 1023) << 52};
    return sum * scale.value;
}

/* ln x for a normal x > 0: its exponent, and the series of 2 artanh((m - 1) / (m + 1)) of its mantissa. */
INLINE double log_of(double x) {
    union { double value; uint64_t bits; } parts = {x};
    int64_t power = (int64_t)(parts.bits >> 52) - 1023;
    parts.bits = (parts.bits & UINT64_C(0x000fffffffffffff)) | UINT64_C(0x3ff0000000000000);
    if (parts.value > 1.4142135623730951) {
        parts.value /= 2;
        power++;
    }
    double z = (parts.value - 1) / (parts.value + 1), square = z * z, sum = 0;
    for (int n = 23; n > 0; n -= 2) sum = sum * square + 1.0 / n;
    return (double)power * 0.6931471805599453 + 2 * z * sum;
}

/* out = the sum of a row's embeddings, each times its value. */
INLINE void embed(const int32_t *index, const float *value, int64_t n, const float *table, int64_t dim, float *out) {
    int64_t low = 0;
    for (; low + LANES <= dim; low += LANES) {
        float sum[LANES] = {0};
        for (int64_t j = 0; j < n; j++) {
            if (j + AHEAD < n) {
                const float *next = table + index[j + AHEAD] * dim + low;
                __builtin_prefetch(next);
                __builtin_prefetch(next + LANES / 2);
            }
            const float *from = table + index[j] * dim + low;
            for (int l = 0; l < LANES; l++) sum[l] += value[j] * from[l];
        }
        memcpy(out + low, sum, sizeof sum);
    }
    for (; low < dim; low++) {
        float sum = 0;
        for (int64_t j = 0; j < n; j++) sum += value[j] * table[index[j] * dim + low];
        out[low] = sum;
    }
}

INLINE double dot(const float *a, const float *b, int64_t n) {
    double sum[8] = {0}, rest = 0;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int l = 0; l < 8; l++) sum[l] += (double)a[i + l] * (double)b[i + l];
    for (; i < n; i++) rest += (double)a[i] * (double)b[i];
    return (((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]))) + rest;
}

INLINE void add_scaled(float *to, const float *from, float by, int64_t n) {
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int l = 0; l < 8; l++) to[i + l] += by * from[i + l];
    for (; i < n; i++) to[i] += by * from[i];
}

INLINE float mean_square(const float *x, int64_t n) {
    float sum[8] = {0}, rest = 0;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int l = 0; l < 8; l++) sum[l] += x[i + l] * x[i + l];
    for (; i < n; i++) rest += x[i] * x[i];
    float all = (((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]))) + rest;
    return all / (float)n;
}

/* AdaGrad with one accumulator per number; the gradient is 0 again afterwards. */
INLINE void descend(float *parameter, float *total, float *gradient, float rate, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        total[i] += gradient[i] * gradient[i];
        parameter[i] -= rate * gradient[i] / (sqrtf(total[i]) + TINY);
        gradient[i] = 0;
    }
}

/* The loss of a row from its scores (k), which become the loss's slope; `goal`: its class, or its k targets. */
INLINE double slope(int kind, double *score, int64_t k, int64_t class, const float *goal, double smoothing) {
    double loss = 0;
    if (kind == SQUARES) {
        for (int64_t c = 0; c < k; c++) {
            double off = score[c] - goal[c];
            loss += off * off;
            score[c] = 2 * off;
        }
        return loss;
    }
    if (kind == SIGMOID) {
        for (int64_t c = 0; c < k; c++) {
            double s = score[c], wanted = goal[c] * (1 - smoothing) + smoothing / 2;
            double e = exp_of(s > 0 ? -s : s);
            loss += ((s > 0 ? s : 0) + log_of(1 + e) - wanted * s) / (double)k;
            score[c] = ((s > 0 ? 1 : e) / (1 + e) - wanted) / (double)k;
        }
        return loss;
    }
    double top = score[0], sum = 0, mean = 0;
    for (int64_t c = 1; c < k; c++) top = score[c] > top ? score[c] : top;
    for (int64_t c = 0; c < k; c++) mean += score[c] / (double)k;
    loss = top - (1 - smoothing) * score[class] - smoothing * mean;
    for (int64_t c = 0; c < k; c++) sum += score[c] = exp_of(score[c] - top);
    for (int64_t c = 0; c < k; c++) score[c] = score[c] / sum - smoothing / (double)k;
    score[class] -= 1 - smoothing;
    return loss + log_of(sum);
}

/* How many entries each bucket has. */
EXPORT void curate_bag_count(const uint32_t *ids, int64_t n, int64_t *counts) {
    for (int64_t j = 0; j < n; j++) counts[ids[j]]++;
}

/* Hashed n-grams with their counts to features of a vocabulary with their values: 1 + ln(count), those from bucket
 * `half` on times `weight`, each row scaled to length 1. place: the feature of a bucket, or -1. */
EXPORT void curate_bag_encode(const int64_t *offsets, const uint32_t *ids, const float *counts, int64_t n,
                              const int32_t *place, uint32_t half, float weight, int64_t *out_offsets, int32_t *index,
                              float *value) {
    int64_t used = 0;
    out_offsets[0] = 0;
    for (int64_t row = 0; row < n; row++) {
        int64_t begin = used;
        double sum = 0;
        for (int64_t j = offsets[row]; j < offsets[row + 1]; j++) {
            int32_t feature = place[ids[j]];
            float v = (counts[j] == 1 ? 1 : 1 + (float)log_of(counts[j])) * (ids[j] >= half ? weight : 1);
            index[used] = feature;
            value[used] = v;
            sum += feature < 0 ? 0 : (double)v * v;
            used += feature >= 0;
        }
        double length = sqrt(sum);
        for (int64_t j = begin; j < used; j++) value[j] = (float)(value[j] / length);
        out_offsets[row + 1] = used;
    }
}

/* The scores (n, k) of rows; hidden: scratch of dim floats. */
EXPORT MANY_CPUS void curate_bag_scores(const int64_t *offsets, const int32_t *index, const float *value, int64_t n,
                                        const float *table, const float *weight, const float *bias, int64_t dim,
                                        int64_t k, float *hidden, double *scores) {
    for (int64_t row = 0; row < n; row++) {
        embed(index + offsets[row], value + offsets[row], offsets[row + 1] - offsets[row], table, dim, hidden);
        for (int64_t c = 0; c < k; c++) scores[row * k + c] = dot(hidden, weight + c * dim, dim) + bias[c];
    }
}

/* Steps `first` to `last` of `n_steps`; a step takes the next batch_rows rows of `order`, fewer at its end; the
 * rate is lr * sqrt(step) * the share of steps left. slots: v times -1; touched, gradients: room for the features of a
 * batch; small: (k + 2) * (dim + 1) zeros; score: k. Returns the sum of the batches' mean losses. */
EXPORT MANY_CPUS double curate_bag_train(
    const int64_t *offsets, const int32_t *index, const float *value, const int64_t *classes, const float *goals,
    const float *row_weights, const int64_t *order, int64_t n_order, int64_t batch_rows, int64_t first, int64_t last,
    int64_t n_steps, double lr, double smoothing, int kind, float *table, float *table_sum, float *weight,
    float *weight_sum, float *bias, float *bias_sum, int64_t dim, int64_t k, int32_t *slots, int32_t *touched,
    float *gradients, float *small, double *score) {
    float *d_weight = small, *d_bias = small + k * dim, *hidden = d_bias + k, *d_hidden = hidden + dim;
    double total = 0;
    int64_t at = 0;
    for (int64_t step = first; step < last; step++) {
        int64_t stop = at + batch_rows < n_order ? at + batch_rows : n_order, n_touched = 0;
        double share = 1.0 / (double)(stop - at), loss = 0;
        for (; at < stop; at++) {
            int64_t row = order[at], begin = offsets[row], n = offsets[row + 1] - begin;
            embed(index + begin, value + begin, n, table, dim, hidden);
            for (int64_t c = 0; c < k; c++) score[c] = dot(hidden, weight + c * dim, dim) + bias[c];
            double by = row_weights[row] * share;
            loss += by * slope(kind, score, k, kind == SOFTMAX ? classes[row] : 0,
                               kind == SOFTMAX ? goals : goals + row * k, smoothing);
            memset(d_hidden, 0, (size_t)dim * sizeof(float));
            for (int64_t c = 0; c < k; c++) {
                float d = (float)(score[c] * by);
                add_scaled(d_hidden, weight + c * dim, d, dim);
                add_scaled(d_weight + c * dim, hidden, d, dim);
                d_bias[c] += d;
            }
            for (int64_t j = begin; j < begin + n; j++) {
                int32_t feature = index[j];
                if (slots[feature] < 0) {
                    memset(gradients + n_touched * dim, 0, (size_t)dim * sizeof(float));
                    touched[n_touched] = feature;
                    slots[feature] = (int32_t)n_touched++;
                }
                add_scaled(gradients + slots[feature] * dim, d_hidden, value[j], dim);
            }
        }
        float rate = (float)(lr * (1.0 - (double)step / (double)n_steps) * sqrt((double)(step + 1)));
        for (int64_t t = 0; t < n_touched; t++) {
            const float *gradient = gradients + t * dim;
            int32_t feature = touched[t];
            if (t + AHEAD < n_touched) {
                __builtin_prefetch(table + touched[t + AHEAD] * dim, 1);
                __builtin_prefetch(table + touched[t + AHEAD] * dim + LANES / 2, 1);
            }
            table_sum[feature] += mean_square(gradient, dim);
            add_scaled(table + feature * dim, gradient, -rate / (sqrtf(table_sum[feature]) + TINY), dim);
            slots[feature] = -1;
        }
        descend(weight, weight_sum, d_weight, rate, k * dim);
        descend(bias, bias_sum, d_bias, rate, k);
        total += loss;
    }
    return total;
}
