//===- Descriptors.h - Objects of the stand-in for cuBLASLt -----*- C++ -*-===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_CUBLASLT_DESCRIPTORS_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_CUBLASLT_DESCRIPTORS_H

#include "../Library.h"
#include "Product.h"

namespace sym::sim {

/// cublasLtHandle_t.
struct Handle {
  uint64_t magic;
};

/// cublasLtMatmulDesc_t.
struct Description {
  cublasComputeType_t compute;
  cudaDataType_t scale;
  cublasLtPointerMode_t pointers = CUBLASLT_POINTER_MODE_HOST;
  cublasOperation_t transposeA = CUBLAS_OP_N;
  cublasOperation_t transposeB = CUBLAS_OP_N;
  cublasOperation_t transposeC = CUBLAS_OP_N;
  uint32_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void *bias = nullptr;
  int64_t biasBatchStride = 0;
  int32_t biasType = -1; ///< that of D
};

/// cublasLtMatmulPreference_t.
struct Preference {
  uint64_t workspace = 0;
  uint32_t reductions = CUBLASLT_REDUCTION_SCHEME_MASK;
  uint32_t alignment[4] = {256, 256, 256, 256}; ///< of A, B, C, D
};

inline Handle *of(cublasLtHandle_t handle) {
  return reinterpret_cast<Handle *>(handle);
}
inline Description *of(cublasLtMatmulDesc_t handle) {
  return reinterpret_cast<Description *>(handle);
}
inline Layout *of(cublasLtMatrixLayout_t handle) {
  return reinterpret_cast<Layout *>(handle);
}
inline Preference *of(cublasLtMatmulPreference_t handle) {
  return reinterpret_cast<Preference *>(handle);
}

/// Whether `handle` was made by cublasLtCreate and not destroyed.
bool isValid(cublasLtHandle_t handle);

/// The simulator that this library works on; null where it is not loaded.
const sym_sim_library *simulatorLibrary();

cublasStatus_t getHeuristic(const Description &description, const Layout &a,
                            const Layout &b, const Layout &c, const Layout &d,
                            const Preference &preference,
                            cublasLtMatmulHeuristicResult_t *result);

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_CUBLASLT_DESCRIPTORS_H
