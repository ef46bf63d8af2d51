//===- Campaign.cpp - As many checked operations as one asks for ----------===//
//
// The long form of LinearizabilityTests, run by test/Linearizability/campaign.
//
//===----------------------------------------------------------------------===//

#include "Runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

using namespace symtest::lin;

static int usage() {
  fprintf(stderr, "usage: linearizability-campaign [--operations N] "
                  "[--scenario NAME] [--random N] [--seed N]\n"
                  "  --operations  in all, spread over the scenarios\n"
                  "  --random      this many scenarios drawn by lot as well\n");
  return 2;
}

int main(int argc, char **argv) {
  int64_t operations = 100000;
  uint64_t seed = 1;
  int random = 0;
  std::string only;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 == argc)
      return usage();
    if (!strcmp(argv[i], "--operations"))
      operations = atoll(argv[i + 1]);
    else if (!strcmp(argv[i], "--seed"))
      seed = strtoull(argv[i + 1], nullptr, 10);
    else if (!strcmp(argv[i], "--random"))
      random = atoi(argv[i + 1]);
    else if (!strcmp(argv[i], "--scenario"))
      only = argv[i + 1];
    else
      return usage();
  }
  std::vector<Scenario> scenarios = allScenarios();
  for (int i = 0; i < random; ++i)
    scenarios.push_back(randomScenario(1000 * seed + uint64_t(i)));
  if (!only.empty()) {
    const Scenario *found = findScenario(scenarios, only);
    if (!found)
      return usage();
    scenarios = {*found};
  }
  int64_t total = 0;
  int violations = 0;
  for (const Scenario &scenario : scenarios) {
    RunOptions options;
    options.operations = operations / int64_t(scenarios.size()) + 1;
    options.seed = seed;
    RunResult result = run(scenario, options);
    total += result.operations;
    violations += !result.violation.empty();
    printf("%-24s %d threads, %lld operations in %lld rounds%s%s\n",
           scenario.name.c_str(), scenario.threads,
           (long long)result.operations, (long long)result.rounds,
           result.violation.empty() ? "" : ": violation: ",
           result.violation.c_str());
    fflush(stdout);
  }
  printf("%zu scenarios, %lld operations, %d violations\n", scenarios.size(),
         (long long)total, violations);
  return violations != 0;
}
