//===- Perturb.h - Yields and sleeps between any two steps ------*- C++ -*-===//
//
// The store under test is compiled with a callback on every edge of its control
// flow (-fsanitize-coverage), and the callback lends the processor to somebody
// else now and then. So windows of a few instructions are met within seconds,
// and the product needs no hooks.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TEST_LINEARIZABILITY_PERTURB_H
#define SYM_TEST_LINEARIZABILITY_PERTURB_H

#include <stdint.h>

namespace symtest::lin {

/// How much the calling thread is disturbed.
enum class Intensity { None, Low, High };
void setIntensity(Intensity intensity, uint64_t seed);

/// Perhaps yields, perhaps sleeps. Called on every edge, and by entries.
void perturb();

} // namespace symtest::lin

#endif // SYM_TEST_LINEARIZABILITY_PERTURB_H
