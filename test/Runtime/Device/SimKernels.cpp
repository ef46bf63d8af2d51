//===- SimKernels.cpp - The suite's kernels, for the simulated driver -----===//
//
// Built into an image of its own, without the C++ library. Beside the kernels
// that are right, kernels with mistakes that the simulated driver must find.
//
//===----------------------------------------------------------------------===//

#include "sym/Runtime/sim_abi.h"

static const sym_sim_services *services;

//===----------------------------------------------------------------------===//
// Memory that asks before each access, or just translates addresses
//===----------------------------------------------------------------------===//

/// Where the host finds what a kernel accesses.
static void *locate(uint64_t address, uint64_t bytes, uint32_t space,
                    uint32_t how) {
#ifdef SYM_TEST_PLAIN
  return space == SYM_SIM_SPACE_SHARED
             ? static_cast<char *>(services->shared()) + address
             : reinterpret_cast<char *>(address + uint64_t(services->delta));
#else
  return services->access(address, bytes, space << SYM_SIM_SPACE_SHIFT | how,
                          0);
#endif
}

template <typename T, uint32_t space> struct Element {
  uint64_t address;
  operator T() const {
    return *static_cast<T *>(
        locate(address, sizeof(T), space, SYM_SIM_ACCESS_READ));
  }
  const Element &operator=(T value) const {
    *static_cast<T *>(locate(address, sizeof(T), space, SYM_SIM_ACCESS_WRITE)) =
        value;
    return *this;
  }
  const Element &operator=(const Element &other) const {
    return *this = T(other);
  }
  T add(T value) const {
    void *place = locate(address, sizeof(T), space,
                         SYM_SIM_ACCESS_WRITE | SYM_SIM_ACCESS_ATOMIC);
    return __atomic_fetch_add(static_cast<T *>(place), value, __ATOMIC_RELAXED);
  }
};

template <typename T, uint32_t space> struct Array {
  uint64_t address;
  Element<T, space> operator[](uint64_t i) const {
    return {address + i * sizeof(T)};
  }
};

/// A kernel's parameters and entry, from its C++ type.
template <auto function> struct Glue;
template <typename... Args, void (*function)(Args...)> struct Glue<function> {
  static constexpr uint32_t count = sizeof...(Args);
  static constexpr uint32_t sizes[sizeof...(Args) + 1] = {sizeof(Args)..., 0};
  template <typename... Rest>
  static void unpack(void *const *params, Rest... rest) {
    if constexpr (sizeof...(Rest) == count)
      function(rest...);
    else
      next(params, rest...);
  }
  template <typename... Rest>
  static void next(void *const *params, Rest... rest) {
    using Type = typename Nth<sizeof...(Rest), Args...>::Type;
    unpack(params, rest..., *static_cast<Type *>(params[sizeof...(Rest)]));
  }
  template <unsigned n, typename First, typename... More> struct Nth {
    using Type = typename Nth<n - 1, More...>::Type;
  };
  template <typename First, typename... More> struct Nth<0, First, More...> {
    using Type = First;
  };
  static void entry(void *const *params) { unpack(params); }
};

#define KERNEL(name) static void name
#define GLOBAL(type) Array<type, SYM_SIM_SPACE_GLOBAL>
#define SHARED(type, name, count)                                              \
  const Array<type, SYM_SIM_SPACE_SHARED> name{0}
#define DYNAMIC_SHARED(type, name)                                             \
  const Array<type, SYM_SIM_SPACE_SHARED> name{0}
#define THREAD_X (services->current()->thread_id[0])
#define THREAD_Y (services->current()->thread_id[1])
#define BLOCK_X (services->current()->block_id[0])
#define BLOCK_Y (services->current()->block_id[1])
#define BLOCK_DIM_X (services->current()->block_dim[0])
#define GRID_DIM_X (services->current()->grid_dim[0])
#define BARRIER() services->barrier()
#define SHUFFLE_UP(mask, value, by)                                            \
  services->shuffle(SYM_SIM_SHUFFLE_UP, mask, value, by, 0, nullptr)
#define SHUFFLE_DOWN(mask, value, by)                                          \
  services->shuffle(SYM_SIM_SHUFFLE_DOWN, mask, value, by, 31, nullptr)
#define SHUFFLE_XOR(mask, value, by)                                           \
  services->shuffle(SYM_SIM_SHUFFLE_BUTTERFLY, mask, value, by, 31, nullptr)
#define SHUFFLE_INDEX(mask, value, lane)                                       \
  services->shuffle(SYM_SIM_SHUFFLE_INDEX, mask, value, lane, 31, nullptr)
#define BALLOT(mask, yes) services->vote(SYM_SIM_VOTE_BALLOT, mask, yes)
#define ANY(mask, yes) services->vote(SYM_SIM_VOTE_ANY, mask, yes)
#define ALL(mask, yes) services->vote(SYM_SIM_VOTE_ALL, mask, yes)
#define ATOMIC_ADD(array, index, value) array[index].add(value)

#include "Kernels.inc"

//===----------------------------------------------------------------------===//
// Mistakes
//===----------------------------------------------------------------------===//

// No bound on the tail.
KERNEL(beyond)(GLOBAL(float) out) {
  out[BLOCK_X * BLOCK_DIM_X + THREAD_X] = 1.0f;
}

KERNEL(misaligned)(GLOBAL(char) out) {
  const Array<unsigned, SYM_SIM_SPACE_GLOBAL> words{out.address + 2};
  words[0] = 1;
}

KERNEL(beyondShared)(GLOBAL(unsigned) out) {
  SHARED(unsigned, all, 32);
  all[THREAD_X + 1] = THREAD_X;
  BARRIER();
  out[THREAD_X] = all[THREAD_X];
}

// Reads what a neighbour writes, with nothing between.
KERNEL(missingBarrier)(GLOBAL(unsigned) out) {
  SHARED(unsigned, all, 64);
  all[THREAD_X] = THREAD_X;
  out[THREAD_X] = all[63 - THREAD_X];
}

KERNEL(divergentBarrier)(GLOBAL(unsigned) out) {
  if (THREAD_X < 16)
    BARRIER();
  out[THREAD_X] = THREAD_X;
}

// All threads come to a barrier, but not to one and the same.
KERNEL(twoBarriers)(GLOBAL(unsigned) out) {
  // Nothing that the compiler could make one of the two.
  if (THREAD_X < 16) {
    asm volatile("# before the first");
    BARRIER();
    asm volatile("# after the first");
  } else {
    asm volatile("# before the second");
    BARRIER();
    asm volatile("# after the second");
  }
  out[THREAD_X] = 1;
}

// Half a warp waits for lanes that have gone to a barrier.
KERNEL(divergentShuffle)(GLOBAL(unsigned) out) {
  unsigned value = 0;
  if (THREAD_X < 16)
    value = SHUFFLE_XOR(0xffffffffu, 1u, 1);
  BARRIER();
  out[THREAD_X] = value;
}

KERNEL(blocksRace)(GLOBAL(unsigned) out) { out[0] = BLOCK_X; }

KERNEL(lostUpdate)(GLOBAL(unsigned) counts) { counts[0] = counts[0] + 1; }

// An exchange within a warp, with what orders it and without.
KERNEL(warpExchange)(GLOBAL(unsigned) out, unsigned ordered) {
  SHARED(unsigned, all, 32);
  all[THREAD_X] = THREAD_X;
  if (ordered)
    services->sync_warp(0xffffffffu);
  out[THREAD_X] = all[31 - THREAD_X];
}

KERNEL(traps)(GLOBAL(unsigned) out) {
  if (THREAD_X == 3)
    services->trap("the third");
  out[THREAD_X] = 0;
}

//===----------------------------------------------------------------------===//
// The image
//===----------------------------------------------------------------------===//

#define ENTRY(name, shared)                                                    \
  {#name, Glue<name>::entry, Glue<name>::count, shared, Glue<name>::sizes, 0, 0}

static const sym_sim_kernel kernels[] = {
    ENTRY(add, 0),
    ENTRY(addVectors, 0),
    ENTRY(addToInt, 0),
    ENTRY(increment, 0),
    ENTRY(twice, 0),
    ENTRY(sum, 128),
    ENTRY(transpose, 16 * 17 * 4),
    ENTRY(histogram, 0),
    ENTRY(lanes, 0),
    ENTRY(reverse, 0),
    ENTRY(beyond, 0),
    ENTRY(misaligned, 0),
    ENTRY(beyondShared, 128),
    ENTRY(missingBarrier, 256),
    ENTRY(divergentBarrier, 0),
    ENTRY(twoBarriers, 0),
    ENTRY(divergentShuffle, 0),
    ENTRY(blocksRace, 0),
    ENTRY(lostUpdate, 0),
    ENTRY(warpExchange, 128),
    ENTRY(traps, 0),
};

#ifndef SYM_TEST_ARCH
#define SYM_TEST_ARCH 0
#endif
#ifdef SYM_TEST_PLAIN
#define SYM_TEST_FLAGS 0
#else
#define SYM_TEST_FLAGS SYM_SIM_INSTRUMENTED
#endif

extern "C" __attribute__((visibility("default")))
const sym_sim_image sym_sim_image_v1 = {
    SYM_SIM_VERSION, SYM_TEST_FLAGS,
    SYM_TEST_ARCH,   sizeof(kernels) / sizeof(kernels[0]),
    kernels,         &services};
