//===- Fork.cpp - What a forked process finds -----------------------------===//

#include "Fork.h"

#include <dlfcn.h>
#include <new>
#include <pthread.h>

using namespace sym::rt;

namespace {
/// Before every L in the order of locks.
SYM_CONSTINIT Mutex listMutex;
Variable *first = nullptr, *last = nullptr; ///< by ascending id
uint64_t nextId = 1;

/// The handlers may be registered twice; the first to run does the work.
__thread int depth = 0;

void beforeFork() {
  if (depth++)
    return;
  lockTraceSession();
  listMutex.lock();
  for (Variable *v = first; v; v = v->nextListed)
    if (v->updatedShared()) // T7: calls write it while they share its lock
      v->lock.lockExclusive();
    else
      v->lock.lockShared();
  for (Variable *v = first; v; v = v->nextListed)
    v->head.keep();
  lockRetired();
  lockLentBuffers();
  lockPool();
}

void unlockAll() {
  unlockPool();
  unlockLentBuffers();
  unlockRetired();
  for (Variable *v = last; v; v = v->previousListed)
    v->head.letGo();
}

void inParent() {
  if (--depth)
    return;
  unlockAll();
  for (Variable *v = last; v; v = v->previousListed)
    if (v->updatedShared())
      v->lock.unlockExclusive();
    else
      v->lock.unlockShared();
  listMutex.unlock();
  unlockTraceSession();
}

void inChild() {
  if (--depth)
    return;
  forgetOtherThreads();
  forgetTraceSession();
  forbidDevices();
  unlockAll();
  // Who held a lock, or waited for it, is not here; nor are slots of readers.
  for (Variable *v = first; v; v = v->nextListed)
    new (&v->lock) FairLock;
  new (&listMutex) Mutex;
  unlockTraceSession();
}
} // namespace

void sym::rt::enlist(Variable &variable) {
  Guard guard(listMutex);
  variable.id = nextId++;
  variable.nextListed = nullptr;
  variable.previousListed = last;
  (last ? last->nextListed : first) = &variable;
  last = &variable;
}

void sym::rt::delist(Variable &variable) {
  Guard guard(listMutex);
  (variable.previousListed ? variable.previousListed->nextListed : first) =
      variable.nextListed;
  (variable.nextListed ? variable.nextListed->previousListed : last) =
      variable.previousListed;
}

void sym::rt::prepareForFork() {
  SYM_CONSTINIT static Mutex mutex;
  static bool registered = false, withOpenMP = false;
  // LLVM's OpenMP has handlers that hold its locks over a fork, for which a
  // running call may wait. Handlers run from the last to the first: ours must
  // be registered behind it, and it registers its own when it is first used.
  auto *openMP =
      reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"));
  Guard guard(mutex);
  if (registered && (withOpenMP || !openMP))
    return;
  if (openMP)
    openMP();
  registered = true;
  withOpenMP = openMP != nullptr;
  pthread_atfork(beforeFork, inParent, inChild);
}
