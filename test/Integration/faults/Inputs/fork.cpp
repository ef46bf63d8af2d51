//===- fork.cpp - Forks while compiled functions run
//------------------------===//
//
// Two threads make calls: one adds one to every element of a large vector and
// to a counter, one squares an idempotent matrix. In between the process forks.
// A child that hangs is ended by a signal.
//
//===----------------------------------------------------------------------===//

#include "sym/Runtime/sym.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern "C" const sym_program sym_program_fork;

/// Whether v holds `steps` everywhere.
static bool whole(const sym::Instance &instance, double more) {
  sym::Array v = instance.variable("v").get();
  double first = v.data<double>()[0];
  const double *end = v.data<double>() + v.size();
  bool even =
      std::all_of(v.data<double>(), end, [&](double x) { return x == first; });
  double steps = double(instance.variable("steps").get().item<int64_t>());
  return even && (more < 0 || (first == steps && steps == more));
}

int main() {
  sym::Instance instance(sym_program_fork);
  const int64_t size = 400000;
  instance.variable("v").set(std::vector<double>(size, 0.0));
  std::vector<double> m(256 * 256, 1.0 / 256);
  instance.variable("m").set(sym::View(m, {256, 256}));
  std::atomic<bool> stop{false};
  std::atomic<int> calls{0};
  auto repeat = [&](const char *name) {
    sym::Function function = instance.function(name);
    while (!stop) {
      function({});
      ++calls;
    }
  };
  std::thread first(repeat, "step"), second(repeat, "product");
  const int children = 10;
  int good = 0;
  for (int i = 0; i < children; ++i) {
    for (int before = calls; calls < before + 4;)
      std::this_thread::yield();
    pid_t child = fork();
    if (child == 0) {
      alarm(60);
      if (!whole(instance, -1))
        _exit(1);
      double steps = double(instance.variable("steps").get().item<int64_t>());
      if (!whole(instance, steps))
        _exit(2);
      instance.function("step")({});
      instance.function("product")({});
      bool unchanged =
          instance.variable("m").get().data<double>()[77] == 1.0 / 256;
      _exit(whole(instance, steps + 1) && unchanged ? 0 : 3);
    }
    int status;
    waitpid(child, &status, 0);
    if (status)
      printf("child %d: wait status %d\n", i, status);
    good += status == 0;
  }
  stop = true;
  first.join();
  second.join();
  printf("%d of %d children found whole state\n", good, children);
  return good != children;
}
