//===- SteadyStateTests.cpp - Calls ask the system for nothing (C2) -------===//
//
// This program puts itself in front of malloc and mmap, counts, and passes on.
// The sanitizers do the same, so under them there is nothing to count.
//
//===----------------------------------------------------------------------===//

#include "Programs.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace symtest;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SYM_NO_INTERPOSITION
#endif
#endif

namespace {
volatile int64_t systemCalls = 0;
}

#ifndef SYM_NO_INTERPOSITION
extern "C" {
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t bytes) {
  systemCalls = systemCalls + 1;
  return __libc_malloc(bytes);
}
void *calloc(size_t count, size_t bytes) {
  systemCalls = systemCalls + 1;
  return __libc_calloc(count, bytes);
}
void *realloc(void *p, size_t bytes) {
  systemCalls = systemCalls + 1;
  return __libc_realloc(p, bytes);
}
void *aligned_alloc(size_t alignment, size_t bytes) {
  systemCalls = systemCalls + 1;
  return __libc_memalign(alignment, bytes);
}
void *mmap(void *at, size_t bytes, int protection, int flags, int file,
           off_t offset) {
  systemCalls = systemCalls + 1;
  return reinterpret_cast<void *>(
      syscall(SYS_mmap, at, bytes, protection, flags, file, offset));
}
}
#endif

namespace {
template <typename Fn> void expectNone(const char *what, Fn fn) {
#ifdef SYM_NO_INTERPOSITION
  GTEST_SKIP() << "a sanitizer stands in front of malloc";
#endif
  for (int i = 0; i < 10; ++i)
    fn();
  int64_t reserved = sym_get_statistics().bytes_reserved;
  int64_t before = systemCalls;
  for (int i = 0; i < 1000; ++i)
    fn();
  EXPECT_EQ(systemCalls - before, 0) << what;
  EXPECT_EQ(sym_get_statistics().bytes_reserved, reserved) << what;
}
} // namespace

TEST(SteadyState, C2_InterpositionWorks) {
#ifdef SYM_NO_INTERPOSITION
  GTEST_SKIP();
#endif
  int64_t before = systemCalls;
  free(malloc(10));
  EXPECT_EQ(systemCalls, before + 1);
}

TEST(SteadyState, C2_CallsAllocateNothing) {
  for (int32_t policy : {SYM_POLICY_INPLACE, SYM_POLICY_DOUBLE_BUFFER}) {
    Instance instance(mainProgram(policy));
    std::vector<double> x(10000, 1.0), scratch(10000);
    ASSERT_OK(setVector(instance.variable("s"), x));
    ASSERT_OK(setVector(instance.variable("t"), x));
    int32_t one = 1;
    int64_t old, zero = 0;
    Tensor oneTensor(one), xTensor(x), zeroTensor(zero);
    int64_t half = 5000, two = 2;
    sym_tensor strided = {x.data(), SYM_ELEMENT_F64, 1, &half, &two};
    sym_tensor busyArgs[] = {*xTensor, *zeroTensor};
    sym_function *add = instance.function("add");
    sym_function *axpy = instance.function("axpy");
    sym_function *oldFn = instance.function("old");
    sym_function *busy = instance.function("busy");
    sym_function *swap = instance.function("swap");
    sym_function *rotate = instance.function("rotate");
    sym_function *scale = instance.function("scaleCopy");
    sym_variable *s = instance.variable("s");

    auto call = [](sym_function *f, const sym_tensor *args, int n,
                   bool hasResult) {
      sym_result result = {};
      if (sym_call(f, args, n, &result, hasResult))
        abort();
      if (hasResult)
        sym_array_release(result.array);
    };
    expectNone("add into a buffer", [&] {
      sym_result result = {&old, sizeof(old), nullptr, nullptr};
      if (sym_call(add, oneTensor, 1, &result, 1))
        abort();
    });
    expectNone("add into an array", [&] { call(add, oneTensor, 1, true); });
    expectNone("axpy", [&] { call(axpy, xTensor, 1, false); });
    expectNone("old", [&] { call(oldFn, xTensor, 1, true); });
    expectNone("busy", [&] { call(busy, busyArgs, 2, false); });
    expectNone("scale a strided copy", [&] { call(scale, &strided, 1, true); });
    expectNone("swap", [&] { call(swap, nullptr, 0, false); });
    expectNone("axpy on a pinned value", [&] {
      sym_array *pin;
      if (sym_variable_borrow(s, &pin))
        abort();
      call(axpy, xTensor, 1, false);
      sym_array_release(pin);
    });
    expectNone("get, set, borrow to write", [&] {
      sym_array *copy;
      sym_write_borrow *borrow;
      if (sym_variable_get(s, &copy) || sym_variable_set(s, xTensor) ||
          sym_variable_borrow_mut(s, &borrow) ||
          sym_write_borrow_commit(borrow))
        abort();
      sym_array_release(copy);
    });
    expectNone("rotate", [&] { call(rotate, xTensor, 1, false); });
  }
}
