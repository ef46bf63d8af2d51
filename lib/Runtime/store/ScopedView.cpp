//===- ScopedView.cpp - Scoped borrows that trap misuse -------------------===//

#include "ScopedView.h"
#include "../base/Checked.h"
#include "../memory/Provider.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace sym::rt;

namespace {
constexpr int64_t kPage = 4096;

// All views of the process, for the handler of faults, which may run at any
// time and on any thread: entries are added and marked, never taken out.
struct Known {
  Known *next;
  std::atomic<ScopedView *> view;
};
SYM_CONSTINIT std::atomic<Known *> known{nullptr};
struct sigaction previousAction;

void say(const char *text) {
  // What cannot be said is not said.
  ssize_t written = write(STDERR_FILENO, text, strlen(text));
  (void)written;
}

void onFault(int signal, siginfo_t *info, void *) {
  const char *address = static_cast<const char *>(info->si_addr);
  for (Known *k = known.load(std::memory_order_acquire); k; k = k->next) {
    ScopedView *view = k->view.load(std::memory_order_acquire);
    if (!view || address < view->begin || address >= view->end)
      continue;
    say("sym: memory error: a scoped borrow of variable '");
    say(view->variable->name);
    say(view->reason ? "' is used after " : "' is written, or read beyond its");
    say(view->reason ? view->reason : " end");
    say("\n");
    break;
  }
  // The same fault again, for whoever handled it before, or for the system.
  sigaction(signal, &previousAction, nullptr);
}

void watchFaults() {
  SYM_CONSTINIT static std::atomic<bool> watching{false};
  if (watching.exchange(true))
    return;
  struct sigaction action = {};
  action.sa_sigaction = onFault;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  sigaction(SIGSEGV, &action, &previousAction);
}

bool watch(ScopedView *view) {
  for (Known *k = known.load(std::memory_order_acquire); k; k = k->next) {
    ScopedView *none = nullptr;
    if (k->view.compare_exchange_strong(none, view))
      return true;
  }
  auto *k = static_cast<Known *>(allocateMetadata(sizeof(Known)));
  if (!k)
    return false;
  k->view.store(view, std::memory_order_relaxed);
  k->next = known.load(std::memory_order_relaxed);
  while (!known.compare_exchange_weak(k->next, k, std::memory_order_release))
    ;
  return true;
}

void unwatch(ScopedView *view) {
  for (Known *k = known.load(std::memory_order_acquire); k; k = k->next) {
    ScopedView *expected = view;
    if (k->view.compare_exchange_strong(expected, nullptr))
      return;
  }
}

void end(ScopedView *view, const char *reason) {
  if (view->reason)
    return;
  view->reason = reason;
  mprotect(view->begin, size_t(view->end - view->begin), PROT_NONE);
}
} // namespace

ScopedView *ScopedViews::create(const Variable &variable, const Buffer &value) {
  watchFaults();
  int64_t readable = roundUp(value.bytes, kPage);
  auto *view = static_cast<ScopedView *>(allocate(int64_t(sizeof(ScopedView))));
  if (!view)
    return nullptr;
  void *pages = mmap(nullptr, size_t(readable + kPage), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages != MAP_FAILED) {
    char *begin = static_cast<char *>(pages);
    *view = {first,   &variable, begin, begin + readable + kPage,
             nullptr, nullptr};
    if (watch(view)) {
      // The end of the value at the end of its pages, as far as alignment
      // allows.
      int64_t gap = (readable - value.bytes) / SYM_BUFFER_ALIGNMENT *
                    SYM_BUFFER_ALIGNMENT;
      if (value.bytes)
        memcpy(begin + gap, value.data, size_t(value.bytes));
      mprotect(begin, size_t(readable), PROT_READ);
      mprotect(begin + readable, kPage, PROT_NONE);
      view->shown = begin + gap;
      return first = view;
    }
    munmap(pages, size_t(readable + kPage));
  }
  deallocate(view, int64_t(sizeof(ScopedView)));
  fail(SYM_OUT_OF_MEMORY, "out of memory: no pages to debug a scoped borrow");
  return nullptr;
}

void ScopedViews::release(ScopedView *view) { end(view, "its release"); }

void ScopedViews::invalidate(const Variable &variable) {
  for (ScopedView *view = first; view; view = view->next)
    if (view->variable == &variable)
      end(view, "an update of the variable");
}

ScopedViews::~ScopedViews() {
  while (ScopedView *view = first) {
    first = view->next;
    unwatch(view);
    munmap(view->begin, size_t(view->end - view->begin));
    deallocate(view, int64_t(sizeof(ScopedView)));
  }
}
