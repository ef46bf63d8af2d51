//===- sim_abi.h - Kernel images of the simulated driver -------*- C -*-===//
//
// What a kernel that was compiled for the host and the simulated CUDA driver
// agree on. An image is an ELF shared object of the host that imports nothing
// but libc and libm and exports one sym_sim_image under the name
// `sym_sim_image_v1`; cuModuleLoadData of the simulated driver loads it.
//
// A kernel is a function that one fiber runs for one thread of the grid. What
// the hardware would give it comes from sym_sim_services, through the slot that
// the image names. Whoever compiles kernels declares calls of `barrier`,
// `shuffle`, `vote` and `sync_warp` convergent: which call a thread stands at
// is how divergence is found, so none may be duplicated.
//
// Glossary
//   device address  what the driver hands out; unreadable where it points
//   space           1 global: device addresses; 3 shared: offsets from the
//   start
//                   of the block's shared memory, static part first
//   instrumented    an image that asks `access` before each load and store
//
//===----------------------------------------------------------------------===//

#ifndef SYM_RUNTIME_SIM_ABI_H
#define SYM_RUNTIME_SIM_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define SYM_SIM_STATIC_ASSERT(cond, text) static_assert(cond, text)
#else
#define SYM_SIM_STATIC_ASSERT(cond, text) _Static_assert(cond, text)
#endif

/// Raised by every incompatible change. An image of another version is refused
/// as one for another architecture.
#define SYM_SIM_VERSION 1

/// The name of the symbol that an image exports.
#define SYM_SIM_IMAGE_SYMBOL "sym_sim_image_v1"

/// Lanes of a warp.
#define SYM_SIM_WARP 32

/// Where the running thread stands. `warp` counts within the block; threads are
/// numbered x first.
typedef struct sym_sim_thread {
  uint32_t thread_id[3];
  uint32_t block_id[3];
  uint32_t block_dim[3];
  uint32_t grid_dim[3];
  uint32_t lane;
  uint32_t warp;
} sym_sim_thread;

/// Modes of `shuffle`, as PTX has them.
enum {
  SYM_SIM_SHUFFLE_UP = 0,
  SYM_SIM_SHUFFLE_DOWN = 1,
  SYM_SIM_SHUFFLE_BUTTERFLY = 2,
  SYM_SIM_SHUFFLE_INDEX = 3,
};

/// Modes of `vote`.
enum {
  SYM_SIM_VOTE_ANY = 0,
  SYM_SIM_VOTE_ALL = 1,
  SYM_SIM_VOTE_BALLOT = 2, ///< a bit per lane that voted yes
  SYM_SIM_VOTE_UNIFORM = 3,
};

/// Flags of `access`: a space, shifted, and what is done there.
enum {
  SYM_SIM_ACCESS_READ = 0,
  SYM_SIM_ACCESS_WRITE = 1,
  SYM_SIM_ACCESS_ATOMIC = 2,
  /// Something that the race check does not see orders this access: a fence and
  /// an atomic, say. It is checked against bounds only.
  SYM_SIM_ACCESS_ORDERED = 4,
  SYM_SIM_SPACE_SHIFT = 8,
  SYM_SIM_SPACE_GLOBAL = 1,
  SYM_SIM_SPACE_SHARED = 3,
};

/// What the simulated driver does for kernels. To be called by a kernel only,
/// on the fiber that runs it. A service that finds a fault does not return: the
/// launch ends and the context is lost, as on a device.
typedef struct sym_sim_services {
  uint32_t version; ///< SYM_SIM_VERSION
  uint32_t reserved;
  /// A device address plus this is where an uninstrumented kernel finds the
  /// byte. The same for all devices of the process.
  int64_t delta;
  /// The running thread; valid until the kernel returns.
  const sym_sim_thread *(*current)(void);
  /// The block's shared memory, aligned to 128 bytes: the static part, padded
  /// to 16 bytes, then the dynamic part.
  void *(*shared)(void);
  /// Bytes of the dynamic part.
  uint32_t (*dynamic_shared_bytes)(void);
  /// Barrier 0, of all threads of the block.
  void (*barrier)(void);
  /// Exchanges `value` among the lanes of `mask`, which all must come here.
  /// `clamp` is PTX's third operand (31 for a whole warp; 0 for UP). *valid,
  /// unless null, receives whether the source lane was in range.
  uint32_t (*shuffle)(uint32_t mode, uint32_t mask, uint32_t value,
                      uint32_t lane_or_delta, uint32_t clamp, uint32_t *valid);
  uint32_t (*vote)(uint32_t mode, uint32_t mask, uint32_t predicate);
  void (*sync_warp)(uint32_t mask);
  /// Checks an access of `bytes` bytes (a power of two, at an address that is a
  /// multiple of it) and returns where the host finds it. `line` is the
  /// source's, 0 when unknown, and appears in reports.
  void *(*access)(uint64_t address, uint64_t bytes, uint32_t flags,
                  uint32_t line);
  /// trap, unreachable, assert. Does not return.
  void (*trap)(const char *why);
} sym_sim_services;

typedef struct sym_sim_kernel {
  const char *name;
  /// Runs one thread; params[i] points at the i-th parameter.
  void (*entry)(void *const *params);
  uint32_t num_params;
  uint32_t static_shared_bytes;
  const uint32_t *param_sizes; ///< in bytes
  uint32_t max_threads;        ///< per block; 0 for the device's own limit
  uint32_t num_registers; ///< what cuFuncGetAttribute answers; 0 when unknown
} sym_sim_kernel;

enum { SYM_SIM_INSTRUMENTED = 1 };

typedef struct sym_sim_image {
  uint32_t version; ///< SYM_SIM_VERSION
  uint32_t flags;   ///< SYM_SIM_INSTRUMENTED
  /// The architecture that it stands for, 90 for sm_90: it loads on a device
  /// of the same major and at least its minor version, like a cubin. 0 loads
  /// anywhere, like PTX.
  uint32_t arch;
  uint32_t num_kernels;
  const sym_sim_kernel *kernels;
  /// The image's slot, filled before a kernel runs. Not const in memory.
  const sym_sim_services **services;
} sym_sim_image;

SYM_SIM_STATIC_ASSERT(sizeof(sym_sim_thread) == 56, "layout of sym_sim_thread");
SYM_SIM_STATIC_ASSERT(offsetof(sym_sim_thread, lane) == 48,
                      "layout of sym_sim_thread");
SYM_SIM_STATIC_ASSERT(sizeof(sym_sim_services) == 88,
                      "layout of sym_sim_services");
SYM_SIM_STATIC_ASSERT(offsetof(sym_sim_services, current) == 16,
                      "layout of sym_sim_services");
SYM_SIM_STATIC_ASSERT(offsetof(sym_sim_services, barrier) == 40,
                      "layout of sym_sim_services");
SYM_SIM_STATIC_ASSERT(offsetof(sym_sim_services, trap) == 80,
                      "layout of sym_sim_services");
SYM_SIM_STATIC_ASSERT(sizeof(sym_sim_kernel) == 40, "layout of sym_sim_kernel");
SYM_SIM_STATIC_ASSERT(offsetof(sym_sim_kernel, param_sizes) == 24,
                      "layout of sym_sim_kernel");
SYM_SIM_STATIC_ASSERT(sizeof(sym_sim_image) == 32, "layout of sym_sim_image");

#ifdef __cplusplus
} // extern "C"
#endif

#endif // SYM_RUNTIME_SIM_ABI_H
