//===- SeedTests.cpp - A seeded mistake in the store is found -------------===//
//
// Linked with a store that seed.py has broken; Seed.cpp says how it shows. The
// run happens in a process of its own, since threads may stand still for ever.
//
//===----------------------------------------------------------------------===//

#include "Runner.h"
#include "Seed.h"

#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace symtest::lin;

/// The first race is enough.
extern "C" const char *__tsan_default_options() { return "halt_on_error=1"; }

[[noreturn]] static void findViolation() {
  std::vector<Scenario> scenarios = allScenarios();
  const Scenario *scenario = findScenario(scenarios, kSeed.scenario);
  RunOptions options;
  options.operations = INT64_MAX;
  options.seconds = 60;
  options.patience = 3;
  RunResult result = scenario ? run(*scenario, options) : RunResult();
  printf("%s: %s after %lld operations\n", kSeed.name,
         result.violation.empty() ? "nothing found" : "violation",
         (long long)result.operations);
  printf("%s\n", result.violation.c_str());
  fflush(stdout);
  _exit(result.violation.empty() ? 0 : 1);
}

/// A broken store may also take its own memory apart before anything is told of
/// it; such a run says nothing, and another one begins.
[[noreturn]] static void findViolationInTime() {
  constexpr int kRuns = 10;
  for (int i = 0; i < kRuns; ++i) {
    pid_t child = fork();
    if (child == 0)
      findViolation();
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
      _exit(0);
    if (WIFEXITED(status))
      _exit(WEXITSTATUS(status));
  }
  _exit(0);
}

TEST(Seed, IsFound) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  // What a sanitizer finds first ends the process with its own status.
  EXPECT_EXIT(
      {
        dup2(2, 1); // the pattern is looked for in what goes to stderr
        findViolationInTime();
      },
      [](int status) { return WIFEXITED(status) && WEXITSTATUS(status) != 0; },
      kSeed.expected);
}
