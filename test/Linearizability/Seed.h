//===- Seed.h - Which mistake a program was built with ----------*- C++ -*-===//

#ifndef SYM_TEST_LINEARIZABILITY_SEED_H
#define SYM_TEST_LINEARIZABILITY_SEED_H

namespace symtest::lin {

struct Seed {
  const char *name;
  const char *scenario; ///< where it shows
  const char *expected; ///< a pattern in what is printed
};
/// Defined in the file that seed.py writes.
extern const Seed kSeed;

} // namespace symtest::lin

#endif // SYM_TEST_LINEARIZABILITY_SEED_H
