/* What every kernel shares: exact integer types, what is visible from outside, and builds for several CPUs.
 *
 * Kernels take plain arrays, never allocate what they return, hold no state between calls and touch nothing outside
 * the arrays given: any thread may call any of them. Called from curate/kernels/native.py. */
#ifndef CURATE_NATIVE_H
#define CURATE_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

/* On x86-64 Linux a function so marked is compiled for newer CPUs too, and the loader picks the one that fits. GCC can
 * tell these CPUs apart from version 12 on. */
#if defined(__x86_64__) && defined(__GLIBC__) && __GNUC__ >= 12 && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define MANY_CPUS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MANY_CPUS
#endif

/* A bijection of 64-bit integers whose output bits each depend on all input bits (the finaliser of SplitMix64). */
static inline uint64_t mix64(uint64_t x) {
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

#endif
