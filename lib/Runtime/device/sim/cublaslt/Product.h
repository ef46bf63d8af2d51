//===- Product.h - A product of matrices as cuBLASLt has it -----*- C++ -*-===//
//
// D = epilogue(alpha op(A) op(B) + beta C), everything by plain loops: each sum
// runs in the order of the reduction, in f32, or in f64 for f64.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_CUBLASLT_PRODUCT_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_CUBLASLT_PRODUCT_H

#include <cublasLt.h>

#include <stddef.h>
#include <stdint.h>

namespace sym::sim {

/// cublasLtMatrixLayout_t.
struct Layout {
  cudaDataType_t type = CUDA_R_32F;
  cublasLtOrder_t order = CUBLASLT_ORDER_COL;
  uint64_t rows = 0, columns = 0;
  int64_t leading = 0;
  int32_t batches = 1;
  int64_t batchStride = 0;

  /// The distance of two neighbours in a column, and in a row.
  int64_t rowStride() const {
    return order == CUBLASLT_ORDER_COL ? 1 : leading;
  }
  int64_t columnStride() const {
    return order == CUBLASLT_ORDER_COL ? leading : 1;
  }
  /// Elements from the first of a matrix to its last.
  uint64_t extent() const {
    return (rows - 1) * uint64_t(rowStride()) +
           (columns - 1) * uint64_t(columnStride()) + 1;
  }
  /// Elements from the first of all matrices to the last.
  uint64_t span() const {
    return extent() + uint64_t(batches - 1) * uint64_t(batchStride);
  }
};

/// Bytes of an element; 0 for a type that the stand-in does not know.
size_t bytesOf(cudaDataType_t type);

/// What is computed, apart from where its operands lie.
struct Product {
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
  bool transposeA = false, transposeB = false;
  uint32_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  Layout a, b, c, d;
  double alpha = 1, beta = 0;
  /// Of the types of the layouts; the bias has the type of D.
  int64_t biasBatchStride = 0;
};

/// The operands where the host finds them. `c` may be null if beta is 0, `bias`
/// if the epilogue adds none.
struct Operands {
  const void *a, *b, *c;
  void *d;
  const void *bias;
};

/// False if there is no memory.
bool compute(const Product &product, const Operands &operands);

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_CUBLASLT_PRODUCT_H
