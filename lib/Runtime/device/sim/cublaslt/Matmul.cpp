//===- Matmul.cpp - Choosing an algorithm and running it ------------------===//
//
// What the library refuses is refused here too, and what it leaves undefined is
// a fault: operands in memory that is not theirs at that point of the stream, a
// result that overlaps an operand.
//
//===----------------------------------------------------------------------===//

#include "Descriptors.h"

#include <string.h>

#include <memory>
#include <new>
#include <string>

using namespace sym::sim;

//===----------------------------------------------------------------------===//
// Algorithms
//===----------------------------------------------------------------------===//

namespace {
/// What a cublasLtMatmulAlgo_t holds: for what it was chosen.
struct Algorithm {
  uint64_t magic;
  uint64_t form; ///< hash of the description and the layouts
  uint64_t workspace;
  uint32_t alignment[4];
};
static_assert(sizeof(Algorithm) <= sizeof(cublasLtMatmulAlgo_t));
constexpr uint64_t kMagic = 0x73796d6c74616c67;

/// Sums from this length on are taken in parts, which meet in the workspace.
constexpr uint64_t kSplit = 256;
} // namespace

static void mix(uint64_t &hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  hash ^= hash >> 29;
}

static uint64_t formOf(const Description &description, const Layout &a,
                       const Layout &b, const Layout &c, const Layout &d) {
  uint64_t hash = 1;
  for (uint64_t value :
       {uint64_t(description.compute), uint64_t(description.scale),
        uint64_t(description.pointers), uint64_t(description.transposeA),
        uint64_t(description.transposeB), uint64_t(description.epilogue)})
    mix(hash, value);
  for (const Layout *layout : {&a, &b, &c, &d})
    for (uint64_t value :
         {uint64_t(layout->type), uint64_t(layout->order), layout->rows,
          layout->columns, uint64_t(layout->leading), uint64_t(layout->batches),
          uint64_t(layout->batchStride)})
      mix(hash, value);
  return hash;
}

static bool isKnown(const Layout &layout) {
  return bytesOf(layout.type) && (layout.order == CUBLASLT_ORDER_COL ||
                                  layout.order == CUBLASLT_ORDER_ROW);
}

static bool isConsistent(const Layout &layout) {
  uint64_t least =
      layout.order == CUBLASLT_ORDER_COL ? layout.rows : layout.columns;
  return layout.rows && layout.columns && layout.batches > 0 &&
         layout.leading >= 0 && uint64_t(layout.leading) >= least &&
         layout.batchStride >= 0;
}

/// Whether the library has kernels for the types.
static bool areSupported(const Description &description, const Layout &a,
                         const Layout &b, const Layout &c, const Layout &d) {
  if (a.type != b.type || c.type != d.type)
    return false;
  uint32_t known = CUBLASLT_EPILOGUE_BIAS | CUBLASLT_EPILOGUE_RELU |
                   CUBLASLT_EPILOGUE_GELU | CUBLASLT_EPILOGUE_DEFAULT;
  if (description.epilogue & ~known)
    return false;
  switch (description.compute) {
  case CUBLAS_COMPUTE_64F:
  case CUBLAS_COMPUTE_64F_PEDANTIC:
    return description.scale == CUDA_R_64F && a.type == CUDA_R_64F &&
           d.type == CUDA_R_64F &&
           description.epilogue == CUBLASLT_EPILOGUE_DEFAULT;
  case CUBLAS_COMPUTE_32F_FAST_TF32:
    return description.scale == CUDA_R_32F && a.type == CUDA_R_32F &&
           d.type == CUDA_R_32F;
  case CUBLAS_COMPUTE_32F:
  case CUBLAS_COMPUTE_32F_PEDANTIC:
    return description.scale == CUDA_R_32F && a.type != CUDA_R_64F &&
           (d.type == a.type || d.type == CUDA_R_32F);
  default:
    return false;
  }
}

static cublasStatus_t check(const Description &description, const Layout &a,
                            const Layout &b, const Layout &c, const Layout &d) {
  for (const Layout *layout : {&a, &b, &c, &d}) {
    if (!isKnown(*layout))
      return CUBLAS_STATUS_NOT_SUPPORTED;
    if (!isConsistent(*layout) || layout->batches != d.batches)
      return CUBLAS_STATUS_INVALID_VALUE;
  }
  bool transposeA = description.transposeA != CUBLAS_OP_N;
  bool transposeB = description.transposeB != CUBLAS_OP_N;
  uint64_t rows = transposeA ? a.columns : a.rows;
  uint64_t inner = transposeA ? a.rows : a.columns;
  uint64_t columns = transposeB ? b.rows : b.columns;
  if (rows != d.rows || columns != d.columns || c.rows != d.rows ||
      c.columns != d.columns || inner != (transposeB ? b.columns : b.rows))
    return CUBLAS_STATUS_INVALID_VALUE;
  // Matrices of a batch that overlap are written by several.
  if (d.batches > 1 && uint64_t(d.batchStride) < d.extent())
    return CUBLAS_STATUS_INVALID_VALUE;
  if (description.transposeC != CUBLAS_OP_N ||
      description.pointers != CUBLASLT_POINTER_MODE_HOST ||
      !areSupported(description, a, b, c, d))
    return CUBLAS_STATUS_NOT_SUPPORTED;
  if (description.biasType >= 0 && description.biasType != int32_t(d.type))
    return CUBLAS_STATUS_NOT_SUPPORTED;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t sym::sim::getHeuristic(const Description &description,
                                      const Layout &a, const Layout &b,
                                      const Layout &c, const Layout &d,
                                      const Preference &preference,
                                      cublasLtMatmulHeuristicResult_t *result) {
  if (cublasStatus_t status = check(description, a, b, c, d))
    return status;
  Algorithm algorithm = {};
  algorithm.magic = kMagic;
  algorithm.form = formOf(description, a, b, c, d);
  const Layout *layouts[] = {&a, &b, &c, &d};
  for (int i = 0; i < 4; ++i) {
    uint32_t alignment = preference.alignment[i];
    if (!alignment || alignment & (alignment - 1))
      return CUBLAS_STATUS_INVALID_VALUE;
    if (alignment < bytesOf(layouts[i]->type))
      return CUBLAS_STATUS_NOT_SUPPORTED;
    algorithm.alignment[i] = alignment;
  }
  uint64_t inner = description.transposeA == CUBLAS_OP_N ? a.columns : a.rows;
  uint64_t parts =
      d.rows * d.columns * uint64_t(d.batches) * bytesOf(description.scale);
  if (inner >= kSplit && parts <= preference.workspace &&
      preference.reductions & CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE)
    algorithm.workspace = parts;
  *result = cublasLtMatmulHeuristicResult_t();
  memcpy(&result->algo, &algorithm, sizeof(algorithm));
  result->workspaceSize = algorithm.workspace;
  result->state = CUBLAS_STATUS_SUCCESS;
  result->wavesCount = 1;
  return CUBLAS_STATUS_SUCCESS;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

namespace {
/// A range of a device's memory.
struct Range {
  uint64_t address = 0, bytes = 0;

  bool overlaps(const Range &other) const {
    return bytes && other.bytes && address < other.address + other.bytes &&
           other.address < address + bytes;
  }
};

/// A product in a stream.
struct Operation {
  Product product;
  Range a, b, c, d, bias, workspace;
};
} // namespace

static Range rangeOf(const void *data, const Layout &layout) {
  return {uint64_t(data), layout.span() * bytesOf(layout.type)};
}

static CUresult run(void *data) {
  auto &operation = *static_cast<Operation *>(data);
  const sym_sim_library *simulator = simulatorLibrary();
  bool bad = false;
  auto access = [&](const Range &range, const char *what) -> void * {
    if (!range.bytes)
      return nullptr;
    void *bytes = simulator->access(range.address, range.bytes, what);
    bad |= !bytes;
    return bytes;
  };
  Operands operands;
  operands.a = access(operation.a, "operand A of cublasLtMatmul");
  operands.b = access(operation.b, "operand B of cublasLtMatmul");
  operands.c = access(operation.c, "operand C of cublasLtMatmul");
  operands.d = access(operation.d, "the result of cublasLtMatmul");
  operands.bias = access(operation.bias, "the bias of cublasLtMatmul");
  void *workspace =
      access(operation.workspace, "the workspace of cublasLtMatmul");
  bool inPlace = operation.c.address == operation.d.address;
  for (const Range *written : {&operation.d, &operation.workspace})
    for (const Range *other :
         {&operation.a, &operation.b, &operation.c, &operation.bias})
      if (written->overlaps(*other) &&
          !(inPlace && written == &operation.d && other == &operation.c)) {
        simulator->report("cublasLtMatmul writes memory that it reads");
        bad = true;
      }
  if (operation.workspace.overlaps(operation.d)) {
    simulator->report("the workspace of cublasLtMatmul overlaps the result");
    bad = true;
  }
  if (bad)
    return CUDA_ERROR_ILLEGAL_ADDRESS;
  // What a workspace held is lost.
  if (workspace)
    memset(workspace, 0xff, operation.workspace.bytes);
  return compute(operation.product, operands) ? CUDA_SUCCESS
                                              : CUDA_ERROR_OUT_OF_MEMORY;
}

static void release(void *data) { delete static_cast<Operation *>(data); }

static bool isAligned(const void *data, uint64_t alignment) {
  return uint64_t(data) % alignment == 0;
}

/// Whether two layouts are of the same elements in the same places.
static bool areEqual(const Layout &lhs, const Layout &rhs) {
  return lhs.type == rhs.type && lhs.order == rhs.order &&
         lhs.leading == rhs.leading && lhs.batchStride == rhs.batchStride;
}

extern "C" __attribute__((visibility("default"))) cublasStatus_t
cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t descriptionHandle,
               const void *alpha, const void *a, cublasLtMatrixLayout_t layoutA,
               const void *b, cublasLtMatrixLayout_t layoutB, const void *beta,
               const void *c, cublasLtMatrixLayout_t layoutC, void *d,
               cublasLtMatrixLayout_t layoutD, const cublasLtMatmulAlgo_t *algo,
               void *workspace, size_t workspaceBytes, cudaStream_t stream) {
  if (!isValid(handle))
    return CUBLAS_STATUS_NOT_INITIALIZED;
  if (!descriptionHandle || !alpha || !beta || !a || !b || !d || !layoutA ||
      !layoutB || !layoutC || !layoutD)
    return CUBLAS_STATUS_INVALID_VALUE;
  const Description &description = *of(descriptionHandle);
  cublasLtMatmulHeuristicResult_t chosen;
  if (!algo) {
    Preference preference;
    preference.workspace = workspaceBytes;
    if (cublasStatus_t status =
            getHeuristic(description, *of(layoutA), *of(layoutB), *of(layoutC),
                         *of(layoutD), preference, &chosen))
      return status;
    algo = &chosen.algo;
  }
  Algorithm algorithm;
  memcpy(&algorithm, algo, sizeof(algorithm));
  if (algorithm.magic != kMagic)
    return CUBLAS_STATUS_INVALID_VALUE;
  if (algorithm.form != formOf(description, *of(layoutA), *of(layoutB),
                               *of(layoutC), *of(layoutD)))
    return CUBLAS_STATUS_NOT_SUPPORTED;

  std::unique_ptr<Operation> operation(new (std::nothrow) Operation());
  if (!operation)
    return CUBLAS_STATUS_ALLOC_FAILED;
  Product &product = operation->product;
  product.compute = description.compute == CUBLAS_COMPUTE_64F_PEDANTIC
                        ? CUBLAS_COMPUTE_64F
                        : description.compute;
  product.transposeA = description.transposeA != CUBLAS_OP_N;
  product.transposeB = description.transposeB != CUBLAS_OP_N;
  product.epilogue = description.epilogue;
  product.a = *of(layoutA);
  product.b = *of(layoutB);
  product.c = *of(layoutC);
  product.d = *of(layoutD);
  product.biasBatchStride = description.biasBatchStride;
  bool isDouble = description.scale == CUDA_R_64F;
  product.alpha = isDouble ? *static_cast<const double *>(alpha)
                           : *static_cast<const float *>(alpha);
  product.beta = isDouble ? *static_cast<const double *>(beta)
                          : *static_cast<const float *>(beta);

  bool readsC = product.beta != 0;
  bool addsBias = description.epilogue & CUBLASLT_EPILOGUE_BIAS;
  if ((readsC && !c) || (c == d && !areEqual(product.c, product.d)) ||
      addsBias != (description.bias != nullptr))
    return CUBLAS_STATUS_INVALID_VALUE;
  const void *operands[] = {a, b, readsC ? c : d, d};
  for (int i = 0; i < 4; ++i)
    if (!isAligned(operands[i], algorithm.alignment[i]))
      return CUBLAS_STATUS_INVALID_VALUE;
  if (workspaceBytes < algorithm.workspace ||
      (algorithm.workspace && (!workspace || !isAligned(workspace, 256))) ||
      (addsBias && !isAligned(description.bias, 16)))
    return CUBLAS_STATUS_INVALID_VALUE;

  operation->a = rangeOf(a, product.a);
  operation->b = rangeOf(b, product.b);
  if (readsC)
    operation->c = rangeOf(c, product.c);
  operation->d = rangeOf(d, product.d);
  if (addsBias)
    operation->bias = {
        uint64_t(description.bias),
        (uint64_t(product.d.batches - 1) * uint64_t(product.biasBatchStride) +
         product.d.rows) *
            bytesOf(product.d.type)};
  operation->workspace = {uint64_t(workspace), algorithm.workspace};
  sym_sim_operation work = {run, release, operation.get()};
  CUresult result =
      simulatorLibrary()->enqueue(reinterpret_cast<CUstream>(stream), &work);
  if (result == CUDA_ERROR_OUT_OF_MEMORY)
    return CUBLAS_STATUS_ALLOC_FAILED;
  if (result)
    return CUBLAS_STATUS_EXECUTION_FAILED;
  operation.release();
  return CUBLAS_STATUS_SUCCESS;
}
