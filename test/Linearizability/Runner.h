//===- Runner.h - Runs scenarios and checks what happened -------*- C++ -*-===//

#ifndef SYM_TEST_LINEARIZABILITY_RUNNER_H
#define SYM_TEST_LINEARIZABILITY_RUNNER_H

#include "History.h"

namespace symtest::lin {

struct RunOptions {
  int64_t operations = 2000; ///< stop after so many, or
  double seconds = 1e9;      ///< after so long
  uint64_t seed = 1;
  /// No round takes longer unless somebody waits for ever. Then the process
  /// prints that as a violation and exits with 1, for its threads are stuck.
  double patience = 60;
};

struct RunResult {
  int64_t operations = 0;
  int64_t rounds = 0;
  std::string violation; ///< empty if there is none
};

/// Runs rounds of random operations. Each begins and ends with nothing running,
/// so that it can be checked by itself; values, pins and lent memory live on.
RunResult run(const Scenario &scenario, const RunOptions &options);

/// Scenarios with a purpose each, and as many drawn by lot as are wanted.
std::vector<Scenario> allScenarios();
Scenario randomScenario(uint64_t seed);
const Scenario *findScenario(const std::vector<Scenario> &scenarios,
                             const std::string &name);

} // namespace symtest::lin

#endif // SYM_TEST_LINEARIZABILITY_RUNNER_H
