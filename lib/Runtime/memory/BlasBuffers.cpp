//===- BlasBuffers.cpp - OpenBLAS for several threads ---------------------===//
//
// The serial OpenBLAS keeps the buffers of its products in a table that it
// searches without a lock: two threads that begin a product at the same moment
// may get one buffer, and then a wrong product (seen with 0.3.21: 8 of 25 runs
// of many small ones). Its functions are called through its symbol table, so
// that these, which come first, stand before them and let one thread at a time
// search.
//
//===----------------------------------------------------------------------===//

#include "../base/Mutex.h"

#include <dlfcn.h>

using namespace sym::rt;

namespace {
SYM_CONSTINIT Mutex tableMutex;
void *(*searchTable)(int) = nullptr;
void (*giveBack)(void *) = nullptr;
__thread bool searching = false; ///< the library may ask itself

/// What the library that `caller` is a part of has under `name`.
void *findOwn(void *caller, const char *name) {
  Dl_info library;
  if (!dladdr(caller, &library))
    return nullptr;
  void *handle = dlopen(library.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  return handle ? dlsym(handle, name) : nullptr;
}
} // namespace

extern "C" {
__attribute__((visibility("default"))) void *blas_memory_alloc(int position);
__attribute__((visibility("default"))) void blas_memory_free(void *buffer);
}

void *blas_memory_alloc(int position) {
  if (searching)
    return searchTable(position);
  Guard guard(tableMutex);
  if (!searchTable)
    searchTable = reinterpret_cast<void *(*)(int)>(
        findOwn(__builtin_return_address(0), "blas_memory_alloc"));
  searching = true;
  void *buffer = searchTable(position);
  searching = false;
  return buffer;
}

void blas_memory_free(void *buffer) {
  if (!searching)
    tableMutex.lock();
  if (!giveBack)
    giveBack = reinterpret_cast<void (*)(void *)>(
        findOwn(__builtin_return_address(0), "blas_memory_free"));
  giveBack(buffer);
  if (!searching)
    tableMutex.unlock();
}
