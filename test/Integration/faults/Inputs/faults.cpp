//===- faults.cpp - Every allocation, cap and check fails -----------------===//

#include "faults.h"

int main() {
  Harness harness(sym_program_faults);
  std::vector<Case> cases = allCases();
  for (Case &c : cases)
    harness.run(c);
  printf("%zu programs\n", cases.size());
  return harness.failures() != 0;
}
