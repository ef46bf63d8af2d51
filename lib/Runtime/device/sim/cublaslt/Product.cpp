//===- Product.cpp - A product of matrices as cuBLASLt has it -------------===//

#include "Product.h"

#include <math.h>
#include <string.h>

#include <memory>
#include <new>

using namespace sym::sim;

size_t sym::sim::bytesOf(cudaDataType_t type) {
  switch (type) {
  case CUDA_R_16F:
  case CUDA_R_16BF:
    return 2;
  case CUDA_R_32F:
    return 4;
  case CUDA_R_64F:
    return 8;
  default:
    return 0;
  }
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

template <typename To, typename From> static To bitCast(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  memcpy(&to, &from, sizeof(to));
  return to;
}

/// `value` with the last `bits` of its fraction rounded away, to nearest even.
static float roundTo(float value, int bits) {
  uint32_t word = bitCast<uint32_t>(value);
  if (isnan(value))
    return value;
  uint32_t half = (1u << (bits - 1)) - 1 + (word >> bits & 1);
  return bitCast<float>((word + half) >> bits << bits);
}

static double load(cudaDataType_t type, const void *data, int64_t at) {
  switch (type) {
  case CUDA_R_16F:
    return double(static_cast<const _Float16 *>(data)[at]);
  case CUDA_R_16BF:
    return bitCast<float>(uint32_t(static_cast<const uint16_t *>(data)[at])
                          << 16);
  case CUDA_R_32F:
    return static_cast<const float *>(data)[at];
  default:
    return static_cast<const double *>(data)[at];
  }
}

template <typename Sum>
static void store(cudaDataType_t type, void *data, int64_t at, Sum value) {
  switch (type) {
  case CUDA_R_16F:
    static_cast<_Float16 *>(data)[at] = _Float16(value);
    break;
  case CUDA_R_16BF: {
    float narrow = roundTo(float(value), 16);
    uint32_t word = bitCast<uint32_t>(narrow);
    // A NaN keeps a bit of its fraction.
    static_cast<uint16_t *>(data)[at] =
        uint16_t(isnan(narrow) ? word >> 16 | 0x40 : word >> 16);
    break;
  }
  case CUDA_R_32F:
    static_cast<float *>(data)[at] = float(value);
    break;
  default:
    static_cast<double *>(data)[at] = double(value);
  }
}

//===----------------------------------------------------------------------===//
// The product
//===----------------------------------------------------------------------===//

/// op(matrix), `rows` by `columns`, row after row.
template <typename Sum>
static std::unique_ptr<Sum[]> pack(const Layout &layout, const void *data,
                                   int64_t batch, bool transpose, int64_t rows,
                                   int64_t columns, bool tensorFloat) {
  std::unique_ptr<Sum[]> packed(new (std::nothrow) Sum[size_t(rows * columns)]);
  if (!packed)
    return packed;
  int64_t down = transpose ? layout.columnStride() : layout.rowStride();
  int64_t across = transpose ? layout.rowStride() : layout.columnStride();
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column) {
      Sum value(
          load(layout.type, data,
               batch * layout.batchStride + row * down + column * across));
      packed[size_t(row * columns + column)] =
          tensorFloat ? Sum(roundTo(float(value), 13)) : value;
    }
  return packed;
}

template <typename Sum> static Sum activate(uint32_t epilogue, Sum value) {
  if (epilogue & CUBLASLT_EPILOGUE_RELU)
    return value > 0 ? value : Sum(0);
  if (epilogue & CUBLASLT_EPILOGUE_GELU)
    return Sum(0.5) * value *
           (1 + tanh(Sum(0.7978845608028654) *
                     (value + Sum(0.044715) * value * value * value)));
  return value;
}

template <typename Sum>
static bool computeBatch(const Product &product, const Operands &operands,
                         int64_t batch) {
  const Layout &d = product.d;
  int64_t m = int64_t(d.rows), n = int64_t(d.columns);
  int64_t k = int64_t(product.transposeA ? product.a.rows : product.a.columns);
  bool tensorFloat = product.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  std::unique_ptr<Sum[]> a = pack<Sum>(product.a, operands.a, batch,
                                       product.transposeA, m, k, tensorFloat);
  std::unique_ptr<Sum[]> b = pack<Sum>(product.b, operands.b, batch,
                                       product.transposeB, k, n, tensorFloat);
  std::unique_ptr<Sum[]> sums(new (std::nothrow) Sum[size_t(n)]);
  if (!a || !b || !sums)
    return false;
  for (int64_t row = 0; row < m; ++row) {
    for (int64_t column = 0; column < n; ++column)
      sums[size_t(column)] = 0;
    for (int64_t inner = 0; inner < k; ++inner) {
      Sum left = a[size_t(row * k + inner)];
      const Sum *right = &b[size_t(inner * n)];
      for (int64_t column = 0; column < n; ++column)
        sums[size_t(column)] += left * right[column];
    }
    for (int64_t column = 0; column < n; ++column) {
      Sum value = Sum(product.alpha) * sums[size_t(column)];
      // What is multiplied by zero is not read.
      if (product.beta != 0)
        value += Sum(product.beta) *
                 Sum(load(product.c.type, operands.c,
                          batch * product.c.batchStride +
                              row * product.c.rowStride() +
                              column * product.c.columnStride()));
      if (product.epilogue & CUBLASLT_EPILOGUE_BIAS)
        value += Sum(
            load(d.type, operands.bias, batch * product.biasBatchStride + row));
      store(d.type, operands.d,
            batch * d.batchStride + row * d.rowStride() +
                column * d.columnStride(),
            activate(product.epilogue, value));
    }
  }
  return true;
}

bool sym::sim::compute(const Product &product, const Operands &operands) {
  for (int64_t batch = 0; batch < product.d.batches; ++batch)
    if (!(product.compute == CUBLAS_COMPUTE_64F
              ? computeBatch<double>(product, operands, batch)
              : computeBatch<float>(product, operands, batch)))
      return false;
  return true;
}
