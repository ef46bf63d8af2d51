//===- Exports.cpp - Handles and descriptors ------------------------------===//
//
// The functions of cuBLASLt that sym calls, with the types of its header.
//
//===----------------------------------------------------------------------===//

#include "Descriptors.h"

#include <string.h>

#include <mutex>
#include <new>
#include <set>

using namespace sym::sim;

#define SYM_SIM_EXPORT extern "C" __attribute__((visibility("default")))

//===----------------------------------------------------------------------===//
// The library
//===----------------------------------------------------------------------===//

const sym_sim_library *sym::sim::simulatorLibrary() {
  static const sym_sim_library *library = [] {
    void *found = nullptr;
    cuGetProcAddress_v2("symSimLibrary", &found, 12000, 0, nullptr);
    return static_cast<const sym_sim_library *>(found);
  }();
  return library;
}

static std::mutex handleMutex;
static std::set<Handle *> &handles() {
  static auto *all = new std::set<Handle *>;
  return *all;
}

bool sym::sim::isValid(cublasLtHandle_t handle) {
  std::lock_guard<std::mutex> guard(handleMutex);
  return handles().count(of(handle));
}

SYM_SIM_EXPORT cublasStatus_t cublasLtCreate(cublasLtHandle_t *out) {
  if (!out)
    return CUBLAS_STATUS_INVALID_VALUE;
  if (CUresult result = simulatorLibrary()->check_context())
    return result == CUDA_ERROR_OUT_OF_MEMORY ? CUBLAS_STATUS_ALLOC_FAILED
                                              : CUBLAS_STATUS_NOT_INITIALIZED;
  auto *handle = new (std::nothrow) Handle();
  if (!handle)
    return CUBLAS_STATUS_ALLOC_FAILED;
  std::lock_guard<std::mutex> guard(handleMutex);
  handles().insert(handle);
  *out = reinterpret_cast<cublasLtHandle_t>(handle);
  return CUBLAS_STATUS_SUCCESS;
}

SYM_SIM_EXPORT cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  std::lock_guard<std::mutex> guard(handleMutex);
  if (!handles().erase(of(handle)))
    return CUBLAS_STATUS_NOT_INITIALIZED;
  delete of(handle);
  return CUBLAS_STATUS_SUCCESS;
}

SYM_SIM_EXPORT size_t cublasLtGetVersion() { return CUBLAS_VERSION; }

SYM_SIM_EXPORT const char *cublasLtGetStatusName(cublasStatus_t status) {
  switch (status) {
#define SYM_CASE(name)                                                         \
  case name:                                                                   \
    return #name;
    SYM_CASE(CUBLAS_STATUS_SUCCESS)
    SYM_CASE(CUBLAS_STATUS_NOT_INITIALIZED)
    SYM_CASE(CUBLAS_STATUS_ALLOC_FAILED)
    SYM_CASE(CUBLAS_STATUS_INVALID_VALUE)
    SYM_CASE(CUBLAS_STATUS_ARCH_MISMATCH)
    SYM_CASE(CUBLAS_STATUS_MAPPING_ERROR)
    SYM_CASE(CUBLAS_STATUS_EXECUTION_FAILED)
    SYM_CASE(CUBLAS_STATUS_INTERNAL_ERROR)
    SYM_CASE(CUBLAS_STATUS_NOT_SUPPORTED)
    SYM_CASE(CUBLAS_STATUS_LICENSE_ERROR)
#undef SYM_CASE
  }
  return "CUBLAS_STATUS_UNKNOWN";
}

//===----------------------------------------------------------------------===//
// Descriptors
//===----------------------------------------------------------------------===//

/// Makes *out of a copy of `value`.
template <typename Handle, typename Value>
static cublasStatus_t create(Handle *out, const Value &value) {
  if (!out)
    return CUBLAS_STATUS_INVALID_VALUE;
  auto *made = new (std::nothrow) Value(value);
  if (!made)
    return CUBLAS_STATUS_ALLOC_FAILED;
  *out = reinterpret_cast<Handle>(made);
  return CUBLAS_STATUS_SUCCESS;
}

/// Sets a field from a buffer, which must have its size.
template <typename Field>
static cublasStatus_t set(Field &field, const void *data, size_t bytes) {
  if (!data || bytes != sizeof(Field))
    return CUBLAS_STATUS_INVALID_VALUE;
  memcpy(&field, data, bytes);
  return CUBLAS_STATUS_SUCCESS;
}

SYM_SIM_EXPORT cublasStatus_t
cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *out, cublasComputeType_t compute,
                         cudaDataType_t scale) {
  Description description = {};
  description.compute = compute;
  description.scale = scale;
  return create(out, description);
}

SYM_SIM_EXPORT cublasStatus_t
cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t handle) {
  delete of(handle);
  return CUBLAS_STATUS_SUCCESS;
}

SYM_SIM_EXPORT cublasStatus_t cublasLtMatmulDescSetAttribute(
    cublasLtMatmulDesc_t handle, cublasLtMatmulDescAttributes_t attribute,
    const void *data, size_t bytes) {
  if (!handle)
    return CUBLAS_STATUS_INVALID_VALUE;
  Description &description = *of(handle);
  switch (attribute) {
  case CUBLASLT_MATMUL_DESC_COMPUTE_TYPE:
    return set(description.compute, data, bytes);
  case CUBLASLT_MATMUL_DESC_SCALE_TYPE:
    return set(description.scale, data, bytes);
  case CUBLASLT_MATMUL_DESC_POINTER_MODE:
    return set(description.pointers, data, bytes);
  case CUBLASLT_MATMUL_DESC_TRANSA:
    return set(description.transposeA, data, bytes);
  case CUBLASLT_MATMUL_DESC_TRANSB:
    return set(description.transposeB, data, bytes);
  case CUBLASLT_MATMUL_DESC_TRANSC:
    return set(description.transposeC, data, bytes);
  case CUBLASLT_MATMUL_DESC_EPILOGUE:
    return set(description.epilogue, data, bytes);
  case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
    return set(description.bias, data, bytes);
  case CUBLASLT_MATMUL_DESC_BIAS_BATCH_STRIDE:
    return set(description.biasBatchStride, data, bytes);
  case CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE:
    return set(description.biasType, data, bytes);
  default:
    return CUBLAS_STATUS_INVALID_VALUE;
  }
}

SYM_SIM_EXPORT cublasStatus_t
cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *out, cudaDataType type,
                           uint64_t rows, uint64_t columns, int64_t leading) {
  Layout layout;
  layout.type = type;
  layout.rows = rows;
  layout.columns = columns;
  layout.leading = leading;
  return create(out, layout);
}

SYM_SIM_EXPORT cublasStatus_t
cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t handle) {
  delete of(handle);
  return CUBLAS_STATUS_SUCCESS;
}

SYM_SIM_EXPORT cublasStatus_t cublasLtMatrixLayoutSetAttribute(
    cublasLtMatrixLayout_t handle, cublasLtMatrixLayoutAttribute_t attribute,
    const void *data, size_t bytes) {
  if (!handle)
    return CUBLAS_STATUS_INVALID_VALUE;
  Layout &layout = *of(handle);
  switch (attribute) {
  case CUBLASLT_MATRIX_LAYOUT_TYPE:
    return set(layout.type, data, bytes);
  case CUBLASLT_MATRIX_LAYOUT_ORDER:
    return set(layout.order, data, bytes);
  case CUBLASLT_MATRIX_LAYOUT_ROWS:
    return set(layout.rows, data, bytes);
  case CUBLASLT_MATRIX_LAYOUT_COLS:
    return set(layout.columns, data, bytes);
  case CUBLASLT_MATRIX_LAYOUT_LD:
    return set(layout.leading, data, bytes);
  case CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT:
    return set(layout.batches, data, bytes);
  case CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET:
    return set(layout.batchStride, data, bytes);
  default:
    return CUBLAS_STATUS_INVALID_VALUE;
  }
}

SYM_SIM_EXPORT cublasStatus_t
cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *out) {
  return create(out, Preference());
}

SYM_SIM_EXPORT cublasStatus_t
cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t handle) {
  delete of(handle);
  return CUBLAS_STATUS_SUCCESS;
}

SYM_SIM_EXPORT cublasStatus_t cublasLtMatmulPreferenceSetAttribute(
    cublasLtMatmulPreference_t handle,
    cublasLtMatmulPreferenceAttributes_t attribute, const void *data,
    size_t bytes) {
  if (!handle)
    return CUBLAS_STATUS_INVALID_VALUE;
  Preference &preference = *of(handle);
  switch (attribute) {
  case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES:
    return set(preference.workspace, data, bytes);
  case CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK:
    return set(preference.reductions, data, bytes);
  case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES:
    return set(preference.alignment[0], data, bytes);
  case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES:
    return set(preference.alignment[1], data, bytes);
  case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES:
    return set(preference.alignment[2], data, bytes);
  case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES:
    return set(preference.alignment[3], data, bytes);
  default:
    return CUBLAS_STATUS_INVALID_VALUE;
  }
}

SYM_SIM_EXPORT cublasStatus_t cublasLtMatmulAlgoGetHeuristic(
    cublasLtHandle_t handle, cublasLtMatmulDesc_t description,
    cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
    cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
    cublasLtMatmulPreference_t preference, int requested,
    cublasLtMatmulHeuristicResult_t results[], int *count) {
  if (!isValid(handle))
    return CUBLAS_STATUS_NOT_INITIALIZED;
  if (!description || !a || !b || !c || !d || !preference || !results ||
      !count || requested <= 0)
    return CUBLAS_STATUS_INVALID_VALUE;
  cublasStatus_t status = getHeuristic(*of(description), *of(a), *of(b), *of(c),
                                       *of(d), *of(preference), results);
  *count = status == CUBLAS_STATUS_SUCCESS;
  return status;
}
