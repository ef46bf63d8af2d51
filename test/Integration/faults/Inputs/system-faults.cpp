//===- system-faults.cpp - The system refuses pages -----------------------===//
//
// Puts itself in front of mmap. For every k, a new process runs all programs
// while the k-th request for anonymous pages, and all behind it until the fault
// is over, are refused: from the creation of the instance on, first uses of the
// libraries included. A step may only succeed, or say SYM_OUT_OF_MEMORY and
// change nothing; afterwards everything works.
//
//===----------------------------------------------------------------------===//

#include "faults.h"

#include <cerrno>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {
int64_t countdown = 0; ///< 0: nothing is refused
int64_t refused = 0;
} // namespace

extern "C" void *mmap(void *at, size_t bytes, int protection, int flags,
                      int file, off_t offset) {
  if ((flags & MAP_ANONYMOUS) && countdown > 0 && --countdown == 0) {
    ++refused;
    countdown = 1; // and the next as well
    errno = ENOMEM;
    return MAP_FAILED;
  }
  return reinterpret_cast<void *>(
      syscall(SYS_mmap, at, bytes, protection, flags, file, offset));
}

/// 0: all well, and pages were refused; 1: not; 2: the fault came too late.
static int runWithFault(int64_t k) {
  sym_get_statistics(); // the thread's record, without which there is no status
  countdown = k;
  sym_instance *instance = nullptr;
  sym_status created = sym_instance_create(&sym_program_faults, &instance);
  if (created && (created != SYM_OUT_OF_MEMORY || !refused))
    return 1;
  if (created)
    countdown = 0;
  else
    sym_instance_destroy(instance);
  Harness harness(sym_program_faults);
  for (Case &c : allCases())
    harness.tryOnce(
        c, [&] { return std::exchange(countdown, 0); },
        [&](int64_t left) { countdown = refused ? 0 : left; });
  countdown = 0;
  for (Case &c : allCases())
    harness.tryOnce(c, [] { return 0; }, [](int64_t) {});
  if (harness.failures())
    return 1;
  return refused ? 0 : 2;
}

int main() {
  for (int64_t k = 1; k < 1000; ++k) {
    pid_t child = fork();
    if (child == 0) {
      int code = runWithFault(k);
      fflush(stdout);
      _exit(code);
    }
    int status;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 1) {
      printf("request %lld: wait status %d\n", static_cast<long long>(k),
             status);
      return 1;
    }
    if (WEXITSTATUS(status) == 2) {
      printf("%lld requests for pages were refused\n",
             static_cast<long long>(k - 1));
      return 0;
    }
  }
  return 1;
}
