// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pilothouse {

namespace detail {
#if defined(__x86_64__)
[[gnu::target("avx"), gnu::noinline]] inline void zeroUpper() { _mm256_zeroupper(); }
#endif
}  // namespace detail

/// To be called before a long loop of arithmetic that calls exp, log or their like.
///
/// qHash of Qt 6.4 on processors with VAES (qhash.cpp, aeshash256) returns without VZEROUPPER. The upper halves of the
/// vector registers count as in use from then on, in that thread and in those that it starts, and every alternation
/// between SSE code (ours, XGBoost's) and the FMA variants of libm costs a state transition: expf was measured at 310
/// ns instead of 5, the replay of a year at 68 s of processor time instead of 37. (QT_NO_CPU_FEATURE would be the way
/// to switch that variant off, but in 6.4 it compares with names that begin with a space, and matches none.)
inline void clearVectorState() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx")) detail::zeroUpper();
#endif
}

}  // namespace pilothouse
