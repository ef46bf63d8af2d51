//===- Main.cpp - The benchmarks ------------------------------------------===//

#include "Harness.h"

int main(int argc, char **argv) {
  bench::registerCalls();
  bench::registerUpdates();
  bench::registerMathematics();
  bench::registerProducts();
  bench::registerShapes();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
