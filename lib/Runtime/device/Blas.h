//===- Blas.h - Products of matrices by cuBLASLt ----------------*- C++ -*-===//
//
// The library is opened by name when the first product asks for it, like the
// driver: programs start, and compute by their own kernels, where none is
// installed. The environment variable SYM_CUBLASLT names another one, or
// `none`.
//
// A product is planned while a call writes down what it wants; then everything
// that can be refused has been. What is enqueued later is plain data: records
// may compare it, and keep it for as long as they like.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_BLAS_H
#define SYM_LIB_RUNTIME_DEVICE_BLAS_H

#include "../base/Mutex.h"
#include "Stream.h"
#include "sym/Runtime/abi.h"

#include <cublasLt.h>

namespace sym::rt {

/// Every function of the library that sym calls.
#define SYM_BLAS_FUNCTIONS(X)                                                  \
  X(cublasLtCreate)                                                            \
  X(cublasLtDestroy)                                                           \
  X(cublasLtGetStatusName)                                                     \
  X(cublasLtMatmul)                                                            \
  X(cublasLtMatmulAlgoGetHeuristic)                                            \
  X(cublasLtMatmulDescCreate)                                                  \
  X(cublasLtMatmulDescDestroy)                                                 \
  X(cublasLtMatmulDescSetAttribute)                                            \
  X(cublasLtMatmulPreferenceCreate)                                            \
  X(cublasLtMatmulPreferenceDestroy)                                           \
  X(cublasLtMatmulPreferenceSetAttribute)                                      \
  X(cublasLtMatrixLayoutCreate)                                                \
  X(cublasLtMatrixLayoutDestroy)                                               \
  X(cublasLtMatrixLayoutSetAttribute)

struct BlasLibrary {
#define SYM_BLAS_FIELD(name) decltype(&::name) name;
  SYM_BLAS_FUNCTIONS(SYM_BLAS_FIELD)
#undef SYM_BLAS_FIELD
};

/// The library that goes with a driver; null where there is none. Asking again
/// answers the same. Any thread.
const BlasLibrary *openBlas(const Driver &driver);

class DeviceBlas;

/// A product that the library takes: all that enqueueing it needs.
struct BlasCall {
  DeviceBlas *blas;
  sym_product product;
  void *workspace; ///< `workspaceBytes` of the device, aligned to 256
  int64_t workspaceBytes;
  cublasLtMatmulAlgo_t algorithm;
};
static_assert(sizeof(BlasCall) == 24 + 120 + 64 && sizeof(sym_product) == 120,
              "no padding");

/// The library on one device. Any number of threads may plan; one at a time
/// enqueues.
class DeviceBlas {
public:
  DeviceBlas() = default;
  ~DeviceBlas() { close(); }
  DeviceBlas(const DeviceBlas &) = delete;
  DeviceBlas &operator=(const DeviceBlas &) = delete;

  /// Chooses how `product` is computed. *taken is false, and that is no
  /// failure, if kernels must compute it. *out has no workspace yet. The answer
  /// is kept by form; it does not wait for the device.
  sym_status plan(Device &device, const sym_product &product, BlasCall *out,
                  bool *taken);
  /// Enqueues a planned product on a stream that runs or captures. Nothing is
  /// enqueued on failure: SYM_LIBRARY_ERROR, with the library's own name of the
  /// error.
  static sym_status enqueue(DeviceStream &stream, const void *call);
  /// Gives the library's handle back. Products that were enqueued still run.
  void close();

private:
  /// What a plan depends on.
  struct Form {
    int32_t element, flags;
    int64_t batches, rows, columns, inner;
    int64_t rowStrides[3], batchStrides[3];
    int32_t alignments[3];
    int32_t hasBias;
  };
  struct Plan {
    enum State : int32_t { Unknown, Taken, Refused } state = Unknown;
    Form form;
    int64_t workspaceBytes;
    cublasLtMatmulAlgo_t algorithm;
  };
  /// Forms that are remembered; two with one place take turns.
  static constexpr uint64_t kPlans = 256;

  sym_status open(Device &on);
  sym_status choose(const sym_product &product, Plan &plan);
  /// Records that `call` failed.
  sym_status fault(cublasStatus_t status, const char *call);

  Mutex mutex; ///< of the plans
  const BlasLibrary *library = nullptr;
  Device *device = nullptr;
  cublasLtHandle_t handle = nullptr;
  bool isAbsent = false;
  Plan plans[kPlans];

  friend struct BlasDescriptors;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_DEVICE_BLAS_H
