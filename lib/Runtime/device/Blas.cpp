//===- Blas.cpp - Products of matrices by cuBLASLt ------------------------===//
//
// The library thinks in columns: a matrix that lies row by row is to it the
// transposed one. So C^T = B^T A^T is what it is asked for, with sym's B as its
// first operand; then the bias, one element per column of C, is one per row of
// the library's result, which is what it offers.
//
//===----------------------------------------------------------------------===//

#include "Blas.h"

#include <dlfcn.h>
#include <initializer_list>
#include <limits>
#include <new>
#include <stdlib.h>
#include <string.h>

using namespace sym::rt;

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

static constexpr const char *kSimulated = "libsymcublasltsim.so";

namespace {
struct Opened {
  const Driver *driver;
  BlasLibrary library;
  bool isThere;
  Opened *next;
};
} // namespace

SYM_CONSTINIT static Mutex openMutex;
static Opened *openedLibraries = nullptr;

/// The library's file, opened; null if there is none.
static void *openFile(const Driver &driver) {
  constexpr int mode = RTLD_NOW | RTLD_LOCAL;
  if (const char *name = getenv("SYM_CUBLASLT"))
    return strcmp(name, "none") ? dlopen(name, mode) : nullptr;
  if (driver.isStandIn)
    return openBeside(kSimulated);
  // A library needs a driver of its own major version.
  if (driver.version >= 13000)
    if (void *file = dlopen("libcublasLt.so.13", mode))
      return file;
  return dlopen("libcublasLt.so.12", mode);
}

static bool load(const Driver &driver, BlasLibrary &library) {
  void *file = openFile(driver);
  if (!file)
    return false;
#define SYM_BLAS_LOAD(name)                                                    \
  library.name = reinterpret_cast<decltype(library.name)>(dlsym(file, #name)); \
  if (!library.name)                                                           \
    return false;
  SYM_BLAS_FUNCTIONS(SYM_BLAS_LOAD)
#undef SYM_BLAS_LOAD
  return true;
}

const BlasLibrary *sym::rt::openBlas(const Driver &driver) {
  Guard guard(openMutex);
  for (Opened *opened = openedLibraries; opened; opened = opened->next)
    if (opened->driver == &driver)
      return opened->isThere ? &opened->library : nullptr;
  auto *fresh = new (std::nothrow) Opened();
  if (!fresh)
    return nullptr;
  fresh->driver = &driver;
  fresh->isThere = load(driver, fresh->library);
  fresh->next = openedLibraries;
  openedLibraries = fresh;
  return fresh->isThere ? &fresh->library : nullptr;
}

sym_status DeviceBlas::fault(cublasStatus_t status, const char *call) {
  // What broke the device says more.
  if (sym_status broken = device->broken())
    return fail(broken, "%s failed: device %d cannot be used any more", call,
                device->ordinal());
  return fail(SYM_LIBRARY_ERROR, "%s on device %d failed: %s", call,
              device->ordinal(), library->cublasLtGetStatusName(status));
}

sym_status DeviceBlas::open(Device &on) {
  if (handle || isAbsent)
    return SYM_OK;
  library = openBlas(on.driver());
  isAbsent = !library;
  if (isAbsent)
    return SYM_OK;
  device = &on;
  if (cublasStatus_t status = library->cublasLtCreate(&handle)) {
    handle = nullptr;
    return fault(status, "cublasLtCreate");
  }
  device->adopt();
  return SYM_OK;
}

void DeviceBlas::close() {
  if (handle) {
    Current current(*device, Current::kGiveBack);
    library->cublasLtDestroy(handle);
    device->disown();
  }
  handle = nullptr;
  isAbsent = false;
  // Another device of this number may want other algorithms.
  for (Plan &plan : plans)
    plan.state = Plan::Unknown;
}

//===----------------------------------------------------------------------===//
// Descriptors
//===----------------------------------------------------------------------===//

static cudaDataType_t typeOf(int32_t element) {
  switch (element) {
  case SYM_ELEMENT_F16:
    return CUDA_R_16F;
  case SYM_ELEMENT_BF16:
    return CUDA_R_16BF;
  case SYM_ELEMENT_F32:
    return CUDA_R_32F;
  default:
    return CUDA_R_64F;
  }
}

namespace sym::rt {
/// What the library is told of a product, for the time of a call of it.
struct BlasDescriptors {
  explicit BlasDescriptors(const BlasLibrary &library) : library(library) {}
  ~BlasDescriptors() {
    for (cublasLtMatrixLayout_t layout : {first, second, result})
      if (layout)
        library.cublasLtMatrixLayoutDestroy(layout);
    if (operation)
      library.cublasLtMatmulDescDestroy(operation);
  }
  cublasStatus_t create(const sym_product &product);

  const BlasLibrary &library;
  cublasLtMatmulDesc_t operation = nullptr;
  cublasLtMatrixLayout_t first = nullptr, second = nullptr, result = nullptr;

private:
  template <typename Value>
  void set(cublasLtMatmulDescAttributes_t attribute, Value value) {
    if (!status)
      status = library.cublasLtMatmulDescSetAttribute(operation, attribute,
                                                      &value, sizeof(value));
  }
  /// A matrix of `rows` of `columns` elements in memory.
  void layOut(cublasLtMatrixLayout_t *layout, const sym_product &product,
              int operand, int64_t rows, int64_t columns);

  cublasStatus_t status = CUBLAS_STATUS_SUCCESS;
};
} // namespace sym::rt

void BlasDescriptors::layOut(cublasLtMatrixLayout_t *layout,
                             const sym_product &product, int operand,
                             int64_t rows, int64_t columns) {
  if (status)
    return;
  // Of a single row the distance to the next may be anything.
  int64_t leading = product.row_strides[operand];
  if (rows == 1 && leading < columns)
    leading = columns;
  status = library.cublasLtMatrixLayoutCreate(layout, typeOf(product.element),
                                              uint64_t(columns), uint64_t(rows),
                                              leading);
  if (status || product.batches == 1)
    return;
  auto batches = int32_t(product.batches);
  status = library.cublasLtMatrixLayoutSetAttribute(
      *layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &batches, sizeof(batches));
  if (!status)
    status = library.cublasLtMatrixLayoutSetAttribute(
        *layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET,
        &product.batch_strides[operand], sizeof(int64_t));
}

cublasStatus_t BlasDescriptors::create(const sym_product &product) {
  bool isDouble = product.element == SYM_ELEMENT_F64;
  cublasComputeType_t compute =
      isDouble ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F;
  if (product.element == SYM_ELEMENT_F32 && product.flags & SYM_PRODUCT_TF32)
    compute = CUBLAS_COMPUTE_32F_FAST_TF32;
  status = library.cublasLtMatmulDescCreate(&operation, compute,
                                            isDouble ? CUDA_R_64F : CUDA_R_32F);
  bool transposedA = product.flags & SYM_PRODUCT_TRANSPOSED_A;
  bool transposedB = product.flags & SYM_PRODUCT_TRANSPOSED_B;
  set(CUBLASLT_MATMUL_DESC_TRANSA, transposedB ? CUBLAS_OP_T : CUBLAS_OP_N);
  set(CUBLASLT_MATMUL_DESC_TRANSB, transposedA ? CUBLAS_OP_T : CUBLAS_OP_N);
  if (product.bias) {
    set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS);
    set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, product.bias);
  }
  layOut(&first, product, 1, transposedB ? product.columns : product.inner,
         transposedB ? product.inner : product.columns);
  layOut(&second, product, 0, transposedA ? product.inner : product.rows,
         transposedA ? product.rows : product.inner);
  layOut(&result, product, 2, product.rows, product.columns);
  return status;
}

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

/// Memory that sums may be taken apart in; what is needed of it is a temporary
/// of the call.
static constexpr uint64_t kMostWorkspace = uint64_t(32) << 20;
/// The library's bias must be aligned so.
static constexpr uint64_t kBiasAlignment = 16;

/// The largest power of two, up to 256, that divides the address.
static int32_t alignmentOf(const void *data) {
  uint64_t bits = uint64_t(data) | 256;
  return int32_t(bits & -bits);
}

/// Whether the product is one that the library can be asked for at all.
static bool isAskable(const sym_product &product) {
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  double work = 1;
  for (int64_t size :
       {product.batches, product.rows, product.columns, product.inner}) {
    if (size < 1 || size > most)
      return false;
    work *= double(size);
  }
  if (work < SYM_PRODUCT_LEAST_WORK)
    return false;
  if (product.bias && uint64_t(product.bias) % kBiasAlignment)
    return false;
  bool transposedA = product.flags & SYM_PRODUCT_TRANSPOSED_A;
  bool transposedB = product.flags & SYM_PRODUCT_TRANSPOSED_B;
  struct {
    int64_t rows, columns;
  } shapes[] = {
      {transposedA ? product.inner : product.rows,
       transposedA ? product.rows : product.inner},
      {transposedB ? product.columns : product.inner,
       transposedB ? product.inner : product.columns},
      {product.rows, product.columns},
  };
  for (int i = 0; i < 3; ++i) {
    // Rows that overlap, or run backwards, as those of a view may.
    if (shapes[i].rows > 1 && (product.row_strides[i] < shapes[i].columns ||
                               product.row_strides[i] > most))
      return false;
    if (product.batches > 1 && product.batch_strides[i] < 0)
      return false;
  }
  return product.batches == 1 ||
         product.batch_strides[2] >=
             (product.rows - 1) * product.row_strides[2] + product.columns;
}

sym_status DeviceBlas::choose(const sym_product &product, Plan &plan) {
  BlasDescriptors descriptors(*library);
  if (cublasStatus_t status = descriptors.create(product))
    return fault(status, "describing a product to cuBLASLt");
  cublasLtMatmulPreference_t preference;
  if (cublasStatus_t status =
          library->cublasLtMatmulPreferenceCreate(&preference))
    return fault(status, "cublasLtMatmulPreferenceCreate");
  cublasStatus_t status = CUBLAS_STATUS_SUCCESS;
  auto set = [&](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
    if (!status)
      status = library->cublasLtMatmulPreferenceSetAttribute(
          preference, attribute, &value, sizeof(value));
  };
  const int32_t *alignments = plan.form.alignments;
  set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, kMostWorkspace);
  // Of sums that are taken in parts, only what is added in one order (T9).
  set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
      uint32_t(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, uint32_t(alignments[1]));
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, uint32_t(alignments[0]));
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, uint32_t(alignments[2]));
  set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, uint32_t(alignments[2]));
  cublasLtMatmulHeuristicResult_t found = {};
  int count = 0;
  if (!status)
    status = library->cublasLtMatmulAlgoGetHeuristic(
        handle, descriptors.operation, descriptors.first, descriptors.second,
        descriptors.result, descriptors.result, preference, 1, &found, &count);
  library->cublasLtMatmulPreferenceDestroy(preference);
  if (status == CUBLAS_STATUS_NOT_SUPPORTED ||
      (!status && (count == 0 || found.state != CUBLAS_STATUS_SUCCESS))) {
    plan.state = Plan::Refused;
    return SYM_OK;
  }
  if (status)
    return fault(status, "cublasLtMatmulAlgoGetHeuristic");
  plan.state = Plan::Taken;
  plan.algorithm = found.algo;
  plan.workspaceBytes = int64_t(found.workspaceSize);
  return SYM_OK;
}

static uint64_t hashOf(const void *data, size_t bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < bytes; ++i)
    hash = (hash ^ static_cast<const unsigned char *>(data)[i]) * 0x100000001b3;
  return hash ^ hash >> 32;
}

sym_status DeviceBlas::plan(Device &on, const sym_product &product,
                            BlasCall *out, bool *taken) {
  *taken = false;
  if (!isAskable(product))
    return SYM_OK;
  Form form = {
      product.element,
      product.flags & ~SYM_PRODUCT_ACCUMULATE,
      product.batches,
      product.rows,
      product.columns,
      product.inner,
      {},
      {},
      {alignmentOf(product.a), alignmentOf(product.b), alignmentOf(product.c)},
      product.bias != nullptr};
  memcpy(form.rowStrides, product.row_strides, sizeof(form.rowStrides));
  memcpy(form.batchStrides, product.batch_strides, sizeof(form.batchStrides));
  static_assert(sizeof(Form) == 104, "no padding");

  Guard guard(mutex);
  Current current(on);
  if (sym_status status = current.status())
    return status;
  if (sym_status status = open(on))
    return status;
  if (isAbsent)
    return SYM_OK;
  Plan &plan = plans[hashOf(&form, sizeof(form)) % kPlans];
  if (plan.state == Plan::Unknown ||
      memcmp(&plan.form, &form, sizeof(form)) != 0) {
    plan.state = Plan::Unknown;
    plan.form = form;
    if (sym_status status = choose(product, plan))
      return status;
  }
  if (plan.state == Plan::Refused)
    return SYM_OK;
  *taken = true;
  *out = {this, product, nullptr, plan.workspaceBytes, plan.algorithm};
  return SYM_OK;
}

//===----------------------------------------------------------------------===//
// Enqueueing
//===----------------------------------------------------------------------===//

sym_status DeviceBlas::enqueue(DeviceStream &stream, const void *params) {
  const auto &call = *static_cast<const BlasCall *>(params);
  DeviceBlas &blas = *call.blas;
  const sym_product &product = call.product;
  Current current(stream.device());
  if (sym_status status = current.status())
    return status;
  BlasDescriptors descriptors(*blas.library);
  if (cublasStatus_t status = descriptors.create(product))
    return blas.fault(status, "describing a product to cuBLASLt");
  bool isDouble = product.element == SYM_ELEMENT_F64;
  bool adds = product.flags & SYM_PRODUCT_ACCUMULATE;
  float one = 1, beta = adds ? 1 : 0;
  double wideOne = 1, wideBeta = beta;
  cublasStatus_t status = blas.library->cublasLtMatmul(
      blas.handle, descriptors.operation,
      isDouble ? static_cast<const void *>(&wideOne) : &one, product.b,
      descriptors.first, product.a, descriptors.second,
      isDouble ? static_cast<const void *>(&wideBeta) : &beta, product.c,
      descriptors.result, product.c, descriptors.result, &call.algorithm,
      call.workspace, size_t(call.workspaceBytes),
      reinterpret_cast<cudaStream_t>(stream.get()));
  return status ? blas.fault(status, "cublasLtMatmul") : SYM_OK;
}
