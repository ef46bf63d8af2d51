//===- BlasTests.cpp - Products of matrices by cuBLASLt -------------------===//
//
// On the stand-in for the library and, where there are a driver and the
// library, on these; expected values come from plain loops in f64.
//
//===----------------------------------------------------------------------===//

#include "QueueFixture.h"
#include "device/Blas.h"

#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>

using namespace sym::rt;
using namespace sym::rt::test;
using testing::HasSubstr;

namespace {
class Blas : public DeviceTest {};
class BlasFaults : public SimulatedTest {};
class BlasQueue : public QueueTest {};
} // namespace

INSTANTIATE_TEST_SUITE_P(Drivers, Blas, testing::ValuesIn(installedDrivers()),
                         [](const auto &info) { return info.param; });

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

static size_t bytesOf(int32_t element) {
  return element == SYM_ELEMENT_F64 ? 8 : element == SYM_ELEMENT_F32 ? 4 : 2;
}

static void put(int32_t element, std::vector<char> &data, size_t at,
                double value) {
  char *place = data.data() + at * bytesOf(element);
  if (element == SYM_ELEMENT_F64) {
    memcpy(place, &value, 8);
    return;
  }
  auto narrow = float(value);
  if (element == SYM_ELEMENT_F32) {
    memcpy(place, &narrow, 4);
  } else if (element == SYM_ELEMENT_F16) {
    auto half = _Float16(narrow);
    memcpy(place, &half, 2);
  } else {
    memcpy(place, reinterpret_cast<char *>(&narrow) + 2, 2);
  }
}

static double get(int32_t element, const std::vector<char> &data, size_t at) {
  const char *place = data.data() + at * bytesOf(element);
  if (element == SYM_ELEMENT_F64) {
    double value;
    memcpy(&value, place, 8);
    return value;
  }
  if (element == SYM_ELEMENT_F16) {
    _Float16 half;
    memcpy(&half, place, 2);
    return double(half);
  }
  float value = 0;
  if (element == SYM_ELEMENT_F32)
    memcpy(&value, place, 4);
  else
    memcpy(reinterpret_cast<char *>(&value) + 2, place, 2);
  return value;
}

/// How far a sum of `inner` products may be from the exact one: with a rounding
/// of the result, and of each step.
static double toleranceOf(const sym_product &product) {
  double steps = double(product.inner) * 2 + 4;
  switch (product.element) {
  case SYM_ELEMENT_F64:
    return steps * 0x1p-53;
  case SYM_ELEMENT_F32:
    return product.flags & SYM_PRODUCT_TF32 ? 0x1p-9 : steps * 0x1p-24;
  case SYM_ELEMENT_F16:
    return steps * 0x1p-24 + 0x1p-10;
  default:
    return steps * 0x1p-24 + 0x1p-7;
  }
}

//===----------------------------------------------------------------------===//
// A product and its operands
//===----------------------------------------------------------------------===//

namespace {
/// Operands on the host and on the device, filled at random.
struct Problem {
  sym_product product = {};
  std::vector<char> host[4]; ///< A, B, C, bias
  CUdeviceptr device[4] = {};
  int64_t rows[3], columns[3];

  /// `padding` elements stand between rows and between matrices; all batches
  /// may share B.
  Problem(int32_t element, int32_t flags, int64_t batches, int64_t m, int64_t n,
          int64_t k, int64_t padding = 0, bool sharesB = false) {
    bool transposedA = flags & SYM_PRODUCT_TRANSPOSED_A;
    bool transposedB = flags & SYM_PRODUCT_TRANSPOSED_B;
    product.element = element;
    product.flags = flags;
    product.batches = batches;
    product.rows = m;
    product.columns = n;
    product.inner = k;
    int64_t shapes[3][2] = {{transposedA ? k : m, transposedA ? m : k},
                            {transposedB ? n : k, transposedB ? k : n},
                            {m, n}};
    std::mt19937 random(unsigned(m * 31 + n * 7 + k + flags));
    std::uniform_int_distribution<int> values(-8, 8);
    for (int i = 0; i < 4; ++i) {
      int64_t count = n;
      if (i < 3) {
        rows[i] = shapes[i][0];
        columns[i] = shapes[i][1];
        product.row_strides[i] = columns[i] + padding;
        product.batch_strides[i] =
            i == 1 && sharesB ? 0 : rows[i] * product.row_strides[i] + padding;
        count = rows[i] * product.row_strides[i] +
                (batches - 1) * product.batch_strides[i];
      }
      host[i].resize(size_t(count) * bytesOf(element));
      for (int64_t at = 0; at < count; ++at)
        put(element, host[i], size_t(at), values(random) / 8.0);
    }
  }

  sym_status upload(Setting &s, bool withBias = false) {
    for (int i = 0; i < 3 + withBias; ++i)
      if (sym_status status = s.upload(host[i], &device[i]))
        return status;
    product.a = reinterpret_cast<void *>(device[0]);
    product.b = reinterpret_cast<void *>(device[1]);
    product.c = reinterpret_cast<void *>(device[2]);
    product.bias = reinterpret_cast<void *>(device[3]);
    return SYM_OK;
  }
  void free(Setting &s) {
    for (int i = 0; i < 4; ++i)
      if (device[i])
        s.pool.free(s.stream, device[i], int64_t(host[i].size()));
  }

  /// C after `times` products.
  std::vector<double> expected(int times = 1) const {
    auto read = [&](int operand, int64_t batch, int64_t row, int64_t column) {
      return get(product.element, host[operand],
                 size_t(batch * product.batch_strides[operand] +
                        row * product.row_strides[operand] + column));
    };
    std::vector<double> all;
    for (int64_t batch = 0; batch < product.batches; ++batch)
      for (int64_t row = 0; row < product.rows; ++row)
        for (int64_t column = 0; column < product.columns; ++column) {
          double sum = 0;
          for (int64_t at = 0; at < product.inner; ++at)
            sum += (product.flags & SYM_PRODUCT_TRANSPOSED_A
                        ? read(0, batch, at, row)
                        : read(0, batch, row, at)) *
                   (product.flags & SYM_PRODUCT_TRANSPOSED_B
                        ? read(1, batch, column, at)
                        : read(1, batch, at, column));
          if (product.bias)
            sum += get(product.element, host[3], size_t(column));
          all.push_back(product.flags & SYM_PRODUCT_ACCUMULATE
                            ? times * sum + read(2, batch, row, column)
                            : sum);
        }
    return all;
  }

  /// Compares with what the device holds; what lies between rows is as it was.
  void check(Setting &s, const std::vector<double> &expected) {
    std::vector<char> result(host[2].size());
    ASSERT_OK(s.download(device[2], &result));
    double tolerance = toleranceOf(product);
    size_t count = result.size() / bytesOf(product.element), next = 0;
    for (size_t at = 0; at < count; ++at) {
      int64_t batch = product.batches > 1
                          ? std::min(int64_t(at) / product.batch_strides[2],
                                     product.batches - 1)
                          : 0;
      int64_t within = int64_t(at) - batch * product.batch_strides[2];
      bool isPadding = within % product.row_strides[2] >= product.columns ||
                       within / product.row_strides[2] >= product.rows;
      double value = get(product.element, result, at);
      if (isPadding) {
        ASSERT_EQ(value, get(product.element, host[2], at)) << at;
        continue;
      }
      double want = expected[next++];
      ASSERT_NEAR(value, want,
                  tolerance * (double(product.inner) + std::fabs(want)))
          << "batch " << batch << ", element " << within;
    }
    ASSERT_EQ(next, expected.size());
  }
};
} // namespace

/// Plans and enqueues; with the workspace that the plan wants.
static sym_status run(Setting &s, DeviceBlas &blas, const sym_product &product,
                      bool *taken) {
  BlasCall call;
  if (sym_status status = blas.plan(s.device, product, &call, taken))
    return status;
  if (!*taken)
    return SYM_OK;
  CUdeviceptr workspace = 0;
  if (call.workspaceBytes)
    if (sym_status status =
            s.pool.allocate(s.stream, call.workspaceBytes, &workspace))
      return status;
  call.workspace = reinterpret_cast<void *>(workspace);
  sym_status status = DeviceBlas::enqueue(s.stream, &call);
  if (workspace)
    s.pool.free(s.stream, workspace, call.workspaceBytes);
  return status;
}

static void runAndCheck(const Driver &driver, Problem problem, bool bias) {
  Setting s;
  ASSERT_OK(s.open(driver));
  auto blas = std::make_unique<DeviceBlas>();
  ASSERT_OK(problem.upload(s, bias));
  bool taken = false;
  EXPECT_OK(run(s, *blas, problem.product, &taken));
  if (driver.isStandIn)
    EXPECT_TRUE(taken);
  if (taken)
    problem.check(s, problem.expected());
  problem.free(s);
  if (driver.isStandIn)
    EXPECT_EQ(report(), "");
}

/// Skips where the driver comes without the library.
#define NEEDS_LIBRARY()                                                        \
  if (!openBlas(*driver))                                                      \
  GTEST_SKIP() << "no cuBLASLt"

//===----------------------------------------------------------------------===//
// What is computed
//===----------------------------------------------------------------------===//

TEST_P(Blas, EveryTypeTransposeAndStart) {
  NEEDS_LIBRARY();
  for (int32_t element :
       {SYM_ELEMENT_F16, SYM_ELEMENT_BF16, SYM_ELEMENT_F32, SYM_ELEMENT_F64})
    for (int32_t flags = 0; flags < 8; ++flags) {
      SCOPED_TRACE(testing::Message() << element << " " << flags);
      runAndCheck(*driver, Problem(element, flags, 1, 33, 47, 29), false);
    }
}

TEST_P(Blas, RowsApartAndBatches) {
  NEEDS_LIBRARY();
  for (int32_t element : {SYM_ELEMENT_F16, SYM_ELEMENT_F32, SYM_ELEMENT_F64})
    for (int32_t flags = 0; flags < 8; ++flags) {
      SCOPED_TRACE(testing::Message() << element << " " << flags);
      runAndCheck(*driver, Problem(element, flags, 3, 24, 40, 16, 8), false);
      runAndCheck(*driver, Problem(element, flags, 5, 17, 31, 23, 3, true),
                  false);
    }
}

TEST_P(Blas, BiasOfColumns) {
  NEEDS_LIBRARY();
  for (int32_t element : {SYM_ELEMENT_F16, SYM_ELEMENT_BF16, SYM_ELEMENT_F32}) {
    SCOPED_TRACE(element);
    runAndCheck(*driver, Problem(element, 0, 1, 40, 56, 24), true);
    runAndCheck(*driver,
                Problem(element, SYM_PRODUCT_TRANSPOSED_B, 1, 40, 56, 24),
                true);
  }
}

TEST_P(Blas, SingleRowsAndColumns) {
  NEEDS_LIBRARY();
  for (int32_t flags = 0; flags < 8; ++flags) {
    SCOPED_TRACE(flags);
    runAndCheck(*driver, Problem(SYM_ELEMENT_F32, flags, 1, 1, 256, 256),
                false);
    runAndCheck(*driver, Problem(SYM_ELEMENT_F32, flags, 1, 256, 1, 256),
                false);
    runAndCheck(*driver, Problem(SYM_ELEMENT_F32, flags, 1, 256, 256, 1),
                false);
  }
}

TEST_P(Blas, LongSumsInAWorkspace) {
  NEEDS_LIBRARY();
  runAndCheck(*driver, Problem(SYM_ELEMENT_F32, 0, 1, 8, 8, 4096), false);
  runAndCheck(*driver, Problem(SYM_ELEMENT_F16, 1, 2, 8, 8, 4096), false);
}

TEST_P(Blas, Tf32OnRequestOnly) {
  NEEDS_LIBRARY();
  Problem problem(SYM_ELEMENT_F32, 0, 1, 64, 64, 64);
  // No f32 of fewer bits: 1 + 2^-20 squared.
  std::vector<char> &a = problem.host[0], &b = problem.host[1];
  for (size_t at = 0; at < 64 * 64; ++at) {
    put(SYM_ELEMENT_F32, a, at, 1 + 0x1p-20);
    put(SYM_ELEMENT_F32, b, at, 1 + 0x1p-20);
  }
  runAndCheck(*driver, problem, false);
  problem.product.flags = SYM_PRODUCT_TF32;
  runAndCheck(*driver, problem, false);
  if (!isSimulated())
    return;
  // And then something is lost.
  Setting s;
  ASSERT_OK(s.open(*driver));
  auto blas = std::make_unique<DeviceBlas>();
  ASSERT_OK(problem.upload(s));
  bool taken = false;
  ASSERT_OK(run(s, *blas, problem.product, &taken));
  std::vector<char> result(problem.host[2].size());
  ASSERT_OK(s.download(problem.device[2], &result));
  EXPECT_EQ(get(SYM_ELEMENT_F32, result, 0), 64);
  problem.free(s);
}

TEST_P(Blas, AGraphOfProductsRunsAgain) {
  NEEDS_LIBRARY();
  Setting s;
  ASSERT_OK(s.open(*driver));
  auto blas = std::make_unique<DeviceBlas>();
  Problem problem(SYM_ELEMENT_F32, SYM_PRODUCT_ACCUMULATE, 1, 32, 48, 40);
  ASSERT_OK(problem.upload(s));
  BlasCall call;
  bool taken = false;
  ASSERT_OK(blas->plan(s.device, problem.product, &call, &taken));
  ASSERT_TRUE(taken);
  CUdeviceptr workspace = 0;
  ASSERT_OK(s.pool.allocate(s.stream, call.workspaceBytes, &workspace));
  call.workspace = reinterpret_cast<void *>(workspace);
  DeviceGraph graph;
  ASSERT_OK(DeviceGraph::beginCapture(s.stream));
  ASSERT_OK(DeviceBlas::enqueue(s.stream, &call));
  ASSERT_OK(graph.endCapture(s.stream));
  DeviceGraphExec exec;
  ASSERT_OK(exec.create(s.device, graph));
  for (int i = 0; i < 3; ++i)
    ASSERT_OK(exec.launch(s.stream));
  problem.check(s, problem.expected(3));
  s.pool.free(s.stream, workspace, call.workspaceBytes);
  problem.free(s);
}

TEST_P(Blas, T9_TheSameBitsEachTime) {
  NEEDS_LIBRARY();
  Setting s;
  ASSERT_OK(s.open(*driver));
  Problem problem(SYM_ELEMENT_F32, 0, 1, 65, 67, 1025);
  ASSERT_OK(problem.upload(s));
  std::vector<char> first;
  for (int i = 0; i < 5; ++i) {
    auto blas = std::make_unique<DeviceBlas>();
    bool taken = false;
    ASSERT_OK(run(s, *blas, problem.product, &taken));
    std::vector<char> result(problem.host[2].size());
    ASSERT_OK(s.download(problem.device[2], &result));
    if (i == 0)
      first = result;
    EXPECT_EQ(result, first);
  }
  problem.free(s);
}

TEST_P(Blas, WhatIsLeftToKernels) {
  NEEDS_LIBRARY();
  Setting s;
  ASSERT_OK(s.open(*driver));
  auto blas = std::make_unique<DeviceBlas>();
  Problem problem(SYM_ELEMENT_F32, 0, 2, 32, 32, 32);
  ASSERT_OK(problem.upload(s));
  auto isTaken = [&](auto change) {
    sym_product product = problem.product;
    change(product);
    BlasCall call;
    bool taken = true;
    EXPECT_OK(blas->plan(s.device, product, &call, &taken));
    return taken;
  };
  EXPECT_TRUE(isTaken([](sym_product &) {}));
  EXPECT_FALSE(isTaken([](sym_product &p) { p.rows = 0; }));
  EXPECT_FALSE(isTaken([](sym_product &p) { p.columns = 0; }));
  EXPECT_FALSE(isTaken([](sym_product &p) { p.inner = 0; }));
  EXPECT_FALSE(isTaken([](sym_product &p) { p.batches = 0; }));
  EXPECT_FALSE(isTaken([](sym_product &p) { p.inner = 15; })) << "little work";
  EXPECT_FALSE(isTaken([](sym_product &p) { p.row_strides[0] = 31; }))
      << "rows overlap";
  EXPECT_FALSE(isTaken([](sym_product &p) { p.row_strides[1] = -32; }));
  EXPECT_FALSE(isTaken([](sym_product &p) { p.batch_strides[2] = 0; }))
      << "results overlap";
  EXPECT_FALSE(isTaken([](sym_product &p) {
    p.rows = p.row_strides[2] = int64_t(1) << 31;
  })) << "more than the library counts";
  problem.free(s);
}

TEST_F(BlasFaults, KernelsComputeWhereThereIsNoLibrary) {
  // The driver by its path is another one, for which nothing was opened yet.
  const Driver *other = nullptr;
  ASSERT_OK(openDriver(SYM_TEST_SIMULATOR, &other));
  setenv("SYM_CUBLASLT", "none", 1);
  EXPECT_EQ(openBlas(*other), nullptr);
  unsetenv("SYM_CUBLASLT");
  Setting s;
  ASSERT_OK(s.device.open(*other, 0));
  auto blas = std::make_unique<DeviceBlas>();
  BlasCall call;
  bool taken = true;
  Problem problem(SYM_ELEMENT_F32, 0, 1, 64, 64, 64);
  EXPECT_OK(blas->plan(s.device, problem.product, &call, &taken));
  EXPECT_FALSE(taken);
}

//===----------------------------------------------------------------------===//
// Faults
//===----------------------------------------------------------------------===//

TEST_F(BlasFaults, T4_EveryCallFails) {
  for (int k = 1;; ++k) {
    simulated("lag-us=10000000");
    Setting s;
    ASSERT_OK(s.open(*driver));
    auto blas = std::make_unique<DeviceBlas>();
    Problem problem(SYM_ELEMENT_F32, SYM_PRODUCT_ACCUMULATE, 1, 32, 32, 32);
    ASSERT_OK(problem.upload(s));
    ASSERT_OK(s.stream.synchronize());
    ASSERT_EQ(
        control().configure(("fail-call=" + std::to_string(k) + ":2").c_str()),
        0);
    control().reset_calls();
    bool taken = false;
    sym_status status = run(s, *blas, problem.product, &taken);
    uint64_t calls = control().calls();
    ASSERT_EQ(control().configure("fail-call=0:1"), 0);
    if (calls < uint64_t(k)) {
      ASSERT_OK(status);
      EXPECT_GT(k, 4);
      problem.check(s, problem.expected());
      problem.free(s);
      break;
    }
    if (status) {
      EXPECT_STRNE(sym_error_message(), "");
      if (status != SYM_DEVICE_OUT_OF_MEMORY) {
        EXPECT_EQ(status, SYM_LIBRARY_ERROR);
        EXPECT_THAT(
            sym_error_message(),
            HasSubstr("on device 0 failed: CUBLAS_STATUS_ALLOC_FAILED"));
      }
      // Nothing was enqueued, and the next one works.
      std::vector<double> before;
      for (size_t at = 0; at < 32 * 32; ++at)
        before.push_back(get(SYM_ELEMENT_F32, problem.host[2], at));
      problem.check(s, before);
      ASSERT_OK(run(s, *blas, problem.product, &taken));
    }
    problem.check(s, problem.expected());
    problem.free(s);
  }
}

TEST_F(BlasFaults, AFreedOperandIsAnIllegalAddress) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  auto blas = std::make_unique<DeviceBlas>();
  Problem problem(SYM_ELEMENT_F32, 0, 1, 64, 64, 64);
  ASSERT_OK(problem.upload(s));
  ASSERT_OK(s.pool.free(s.stream, problem.device[1],
                        int64_t(problem.host[1].size())));
  problem.device[1] = 0;
  bool taken = false;
  ASSERT_OK(run(s, *blas, problem.product, &taken));
  EXPECT_EQ(s.stream.synchronize(), SYM_KERNEL_FAULT);
  // sym's B is the library's A.
  EXPECT_THAT(report(), HasSubstr("operand A of cublasLtMatmul"));
  EXPECT_EQ(run(s, *blas, problem.product, &taken), SYM_KERNEL_FAULT);
  problem.free(s);
}

TEST_F(BlasFaults, AResultThatOverlapsAnOperand) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  auto blas = std::make_unique<DeviceBlas>();
  Problem problem(SYM_ELEMENT_F32, 0, 1, 64, 64, 64);
  ASSERT_OK(problem.upload(s));
  problem.product.c = const_cast<void *>(problem.product.a);
  bool taken = false;
  ASSERT_OK(run(s, *blas, problem.product, &taken));
  EXPECT_EQ(s.stream.synchronize(), SYM_KERNEL_FAULT);
  EXPECT_THAT(report(), HasSubstr("writes memory that it reads"));
  problem.free(s);
}

TEST_F(BlasFaults, AMissingWaitShows) {
  // A product in another stream than its operands' copies comes before them, or
  // behind, by the seed.
  Problem problem(SYM_ELEMENT_F32, 0, 1, 64, 64, 64);
  int early = 0;
  for (int seed = 1; seed <= 20; ++seed) {
    simulated(("lag-us=10000000,seed=" + std::to_string(seed)).c_str());
    Setting s;
    ASSERT_OK(s.open(*driver));
    auto blas = std::make_unique<DeviceBlas>();
    DeviceStream other;
    ASSERT_OK(other.create(s.device));
    ASSERT_OK(problem.upload(s));
    ASSERT_OK(s.stream.synchronize());
    ASSERT_OK(s.stream.fillWords(problem.device[0], 0, 64 * 64));
    BlasCall call;
    bool taken = false;
    ASSERT_OK(blas->plan(s.device, problem.product, &call, &taken));
    ASSERT_TRUE(taken);
    ASSERT_OK(DeviceBlas::enqueue(other, &call));
    ASSERT_OK(s.device.synchronize());
    std::vector<char> result(problem.host[2].size());
    ASSERT_OK(s.download(problem.device[2], &result));
    early += get(SYM_ELEMENT_F32, result, 5) != 0;
    problem.free(s);
  }
  EXPECT_GT(early, 0);
  EXPECT_LT(early, 20);
}

//===----------------------------------------------------------------------===//
// What the library refuses, so does the stand-in
//===----------------------------------------------------------------------===//

namespace {
/// A product as the library is asked for it, to be spoiled.
struct Request {
  explicit Request(const BlasLibrary &library) : library(library) {
    EXPECT_EQ(library.cublasLtCreate(&handle), 0);
    EXPECT_EQ(library.cublasLtMatmulDescCreate(&operation, CUBLAS_COMPUTE_32F,
                                               CUDA_R_32F),
              0);
    for (cublasLtMatrixLayout_t *layout : {&a, &b, &c, &d})
      EXPECT_EQ(
          library.cublasLtMatrixLayoutCreate(layout, CUDA_R_32F, 64, 64, 64),
          0);
    EXPECT_EQ(library.cublasLtMatmulPreferenceCreate(&preference), 0);
  }
  ~Request() {
    library.cublasLtMatmulPreferenceDestroy(preference);
    for (cublasLtMatrixLayout_t layout : {a, b, c, d})
      library.cublasLtMatrixLayoutDestroy(layout);
    library.cublasLtMatmulDescDestroy(operation);
    library.cublasLtDestroy(handle);
  }
  template <typename Value>
  void set(cublasLtMatrixLayout_t layout,
           cublasLtMatrixLayoutAttribute_t attribute, Value value) {
    EXPECT_EQ(library.cublasLtMatrixLayoutSetAttribute(layout, attribute,
                                                       &value, sizeof(value)),
              0);
  }
  template <typename Value>
  void set(cublasLtMatmulDescAttributes_t attribute, Value value) {
    EXPECT_EQ(library.cublasLtMatmulDescSetAttribute(operation, attribute,
                                                     &value, sizeof(value)),
              0);
  }
  cublasStatus_t choose() {
    int count = 0;
    return library.cublasLtMatmulAlgoGetHeuristic(
        handle, operation, a, b, c, d, preference, 1, &found, &count);
  }
  cublasStatus_t multiply(CUdeviceptr pa, CUdeviceptr pb, CUdeviceptr pd,
                          DeviceStream &stream) {
    float one = 1, zero = 0;
    auto pointer = [](CUdeviceptr address) {
      return reinterpret_cast<void *>(address);
    };
    return library.cublasLtMatmul(handle, operation, &one, pointer(pa), a,
                                  pointer(pb), b, &zero, pointer(pd), c,
                                  pointer(pd), d, &found.algo, nullptr, 0,
                                  reinterpret_cast<cudaStream_t>(stream.get()));
  }

  const BlasLibrary &library;
  cublasLtHandle_t handle = nullptr;
  cublasLtMatmulDesc_t operation = nullptr;
  cublasLtMatrixLayout_t a = nullptr, b = nullptr, c = nullptr, d = nullptr;
  cublasLtMatmulPreference_t preference = nullptr;
  cublasLtMatmulHeuristicResult_t found = {};
};
} // namespace

TEST_F(BlasFaults, FormsThatTheLibraryRefuses) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  Current current(s.device);
  const BlasLibrary &library = *openBlas(*driver);
  EXPECT_EQ(Request(library).choose(), CUBLAS_STATUS_SUCCESS);
  {
    Request r(library);
    r.set(r.b, CUBLASLT_MATRIX_LAYOUT_TYPE, CUDA_R_16F);
    EXPECT_EQ(r.choose(), CUBLAS_STATUS_NOT_SUPPORTED) << "mixed types";
  }
  {
    Request r(library);
    r.set(CUBLASLT_MATMUL_DESC_COMPUTE_TYPE, CUBLAS_COMPUTE_64F);
    EXPECT_EQ(r.choose(), CUBLAS_STATUS_NOT_SUPPORTED) << "f32 in f64";
  }
  {
    Request r(library);
    r.set(CUBLASLT_MATMUL_DESC_SCALE_TYPE, CUDA_R_64F);
    EXPECT_EQ(r.choose(), CUBLAS_STATUS_NOT_SUPPORTED) << "scales of f64";
  }
  {
    Request r(library);
    r.set(r.a, CUBLASLT_MATRIX_LAYOUT_LD, int64_t(63));
    EXPECT_EQ(r.choose(), CUBLAS_STATUS_INVALID_VALUE) << "columns overlap";
  }
  {
    Request r(library);
    r.set(r.a, CUBLASLT_MATRIX_LAYOUT_COLS, uint64_t(63));
    EXPECT_EQ(r.choose(), CUBLAS_STATUS_INVALID_VALUE) << "sizes differ";
  }
  {
    Request r(library);
    r.set(r.b, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, int32_t(2));
    EXPECT_EQ(r.choose(), CUBLAS_STATUS_INVALID_VALUE) << "batches differ";
  }
  {
    Request r(library);
    int32_t one = 1;
    EXPECT_EQ(library.cublasLtMatrixLayoutSetAttribute(
                  r.a, CUBLASLT_MATRIX_LAYOUT_LD, &one, sizeof(one)),
              CUBLAS_STATUS_INVALID_VALUE)
        << "a size of another type";
  }
}

TEST_F(BlasFaults, CallsThatTheLibraryRefuses) {
  Setting s;
  ASSERT_OK(s.open(*driver));
  Current current(s.device);
  const BlasLibrary &library = *openBlas(*driver);
  CUdeviceptr pa, pb, pd;
  for (CUdeviceptr *p : {&pa, &pb, &pd})
    ASSERT_OK(s.pool.allocate(s.stream, 65 * 64 * 4, p));
  {
    Request r(library);
    EXPECT_EQ(r.multiply(pa, pb, pd, s.stream), CUBLAS_STATUS_INVALID_VALUE)
        << "no algorithm was chosen";
    ASSERT_EQ(r.choose(), CUBLAS_STATUS_SUCCESS);
    EXPECT_EQ(r.multiply(pa, pb, pd, s.stream), CUBLAS_STATUS_SUCCESS);
    EXPECT_EQ(r.multiply(pa + 4, pb, pd, s.stream), CUBLAS_STATUS_INVALID_VALUE)
        << "less aligned than was said";
    EXPECT_EQ(r.multiply(0, pb, pd, s.stream), CUBLAS_STATUS_INVALID_VALUE);
    r.set(CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T);
    EXPECT_EQ(r.multiply(pa, pb, pd, s.stream), CUBLAS_STATUS_NOT_SUPPORTED)
        << "chosen for another form";
  }
  {
    Request r(library);
    r.set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS);
    ASSERT_EQ(r.choose(), CUBLAS_STATUS_SUCCESS);
    EXPECT_EQ(r.multiply(pa, pb, pd, s.stream), CUBLAS_STATUS_INVALID_VALUE)
        << "no bias";
  }
  {
    Request r(library);
    r.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, pa);
    ASSERT_EQ(r.choose(), CUBLAS_STATUS_SUCCESS);
    EXPECT_EQ(r.multiply(pa, pb, pd, s.stream), CUBLAS_STATUS_INVALID_VALUE)
        << "a bias that nothing adds";
  }
  {
    Request r(library);
    cublasLtHandle_t gone = r.handle;
    ASSERT_EQ(library.cublasLtDestroy(gone), CUBLAS_STATUS_SUCCESS);
    EXPECT_EQ(r.choose(), CUBLAS_STATUS_NOT_INITIALIZED);
    EXPECT_EQ(library.cublasLtDestroy(gone), CUBLAS_STATUS_NOT_INITIALIZED);
  }
  for (CUdeviceptr p : {pa, pb, pd})
    ASSERT_OK(s.pool.free(s.stream, p, 65 * 64 * 4));
}

//===----------------------------------------------------------------------===//
// The service of generated code
//===----------------------------------------------------------------------===//

namespace {
/// C += A B of matrices of ones, C a square.
struct Ones {
  explicit Ones(int64_t size, int64_t inner)
      : size(size), inner(inner),
        a(std::vector<unsigned>(size_t(size * inner), 0x3f800000)),
        b(std::vector<unsigned>(size_t(size * inner), 0x3f800000)),
        c(std::vector<unsigned>(size_t(size * size), 0)) {}
  sym_product product() const {
    return {SYM_ELEMENT_F32,
            SYM_PRODUCT_ACCUMULATE,
            1,
            size,
            size,
            inner,
            {inner, size, size},
            {},
            a.data,
            b.data,
            c.data,
            nullptr};
  }
  float first() const {
    float value;
    memcpy(&value, c.values().data(), 4);
    return value;
  }
  int64_t size, inner;
  Words a, b, c;
};
} // namespace

TEST_F(BlasQueue, ProductsAreCommandsOfARecord) {
  DeviceProgram *kernels = retain();
  {
    // Of 256 the sums are taken in a workspace.
    for (int64_t inner : {64, 256}) {
      sym_device_reset_statistics(0);
      Ones s(32, inner);
      for (int i = 1; i <= 3; ++i) {
        ASSERT_OK(callOn(kernels, &s, [&](Variant &v) {
          sym_product product = s.product();
          EXPECT_EQ(sym_rt_product(v.frame, &product), 1);
          EXPECT_EQ(sym_rt_product(v.frame, &product), 1);
          return 0;
        }));
        EXPECT_EQ(s.first(), float(2 * i * inner));
      }
      EXPECT_EQ(statistics().products, 6);
      EXPECT_EQ(statistics().fallbacks, 0);
      EXPECT_EQ(statistics().graph_builds, 1);
      EXPECT_EQ(statistics().graph_launches, 3);
    }
    // A small one is the caller's.
    Ones small(16, 16);
    ASSERT_OK(callOn(kernels, &small, [&](Variant &v) {
      sym_product product = small.product();
      EXPECT_EQ(sym_rt_product(v.frame, &product), 0);
      return 0;
    }));
    EXPECT_EQ(statistics().fallbacks, 1);
    EXPECT_EQ(small.first(), 0);
  }
  EXPECT_EQ(report(), "");
  ops().releaseProgram(kernels);
}

TEST_F(BlasQueue, T4_AProductThatFailsLeavesNothing) {
  int failures = 0;
  for (int k = 1;; ++k) {
    reset("lag-us=10000000");
    DeviceProgram *kernels = retain();
    bool isEnd = false;
    {
      Ones s(32, 256);
      ASSERT_OK(ops().synchronize(0));
      ASSERT_EQ(control().configure(
                    ("fail-call=" + std::to_string(k) + ":2").c_str()),
                0);
      control().reset_calls();
      auto body = [&](Variant &v) {
        v.increment(s.a.data, 1);
        sym_product product = s.product();
        EXPECT_EQ(sym_rt_product(v.frame, &product), 1);
        return 0;
      };
      sym_status status = callOn(kernels, &s, body);
      isEnd = control().calls() < uint64_t(k);
      ASSERT_EQ(control().configure("fail-call=0:1"), 0);
      unsigned before = s.a.values().at(0);
      EXPECT_EQ(before, status ? 0x3f800000u : 0x3f800001u) << "call " << k;
      EXPECT_EQ(s.first() != 0, status == SYM_OK) << "call " << k;
      if (status) {
        ++failures;
        EXPECT_OK(callOn(kernels, &s, body)) << "after call " << k;
      }
    }
    ops().releaseProgram(kernels);
    if (isEnd)
      break;
  }
  EXPECT_GT(failures, 3);
}
