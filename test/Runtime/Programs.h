//===- Programs.h - Hand-written programs for the runtime's tests -*- C++ -*-=//
//
// Descriptors and entries as the compiler would emit them, so that the runtime
// is tested without one. Every program here has its variables created anew per
// instance, and is used through the public interface only.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TEST_RUNTIME_PROGRAMS_H
#define SYM_TEST_RUNTIME_PROGRAMS_H

#include "sym/Runtime/debug.h"
#include "sym/Runtime/sym_runtime.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace symtest {

//===----------------------------------------------------------------------===//
// Building a program
//===----------------------------------------------------------------------===//

/// Collects the descriptors of one program and keeps what they point at.
class ProgramBuilder {
public:
  sym_type_desc type(int32_t element, std::vector<int64_t> sizes);
  /// Returns the variable's index.
  int variable(const char *name, sym_type_desc type, int32_t policy,
               const void *initial = nullptr,
               std::vector<int64_t> initialSizes = {}, bool splat = false);
  /// Where the variables that follow live.
  void place(int32_t space, int32_t index);
  /// The program has kernels.
  void onDevice(const sym_kernel_desc *kernels, int32_t numKernels,
                const sym_image_desc *images, int32_t numImages,
                const sym_device_ops *(*devices)(void));
  struct Function {
    const char *name;
    std::vector<sym_value_desc> args;
    std::vector<sym_value_desc> results;
    std::vector<int32_t> variables;
    int32_t numReads;
    std::vector<sym_update_desc> updates;
    sym_entry_fn inplace;
    sym_entry_fn outofplace;
    int32_t device = 0; ///< as in sym_function_desc
  };
  int function(const Function &function);
  int host(const char *name, sym_host_fn entry);
  const sym_program *program();

private:
  std::deque<std::vector<int64_t>> sizes;
  std::deque<Function> kept;
  std::vector<sym_variable_desc> variables;
  std::vector<sym_function_desc> functions;
  std::vector<sym_host_desc> hosts;
  sym_program result = {};
  int32_t space = SYM_SPACE_HOST, spaceIndex = 0;
};

inline sym_value_desc value(const char *name, sym_type_desc type,
                            uint32_t flags = 0) {
  return {name, type, flags, 0};
}
inline sym_update_desc inPlace(int32_t variable) {
  return {variable, SYM_KIND_INPLACE, -1, SYM_KIND_FRESH, -1, 0};
}
inline sym_update_desc fresh(int32_t variable) {
  return {variable, SYM_KIND_FRESH, -1, SYM_KIND_FRESH, -1, 0};
}
inline sym_update_desc moved(int32_t variable, int32_t from) {
  return {variable, SYM_KIND_MOVED, from, SYM_KIND_MOVED, from, 0};
}
inline sym_update_desc selected(int32_t variable) {
  return {variable, SYM_KIND_SELECTED, -1, SYM_KIND_SELECTED, -1, 0};
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// A dense tensor over a vector's memory.
struct Tensor {
  Tensor(std::vector<double> &data)
      : sizes{int64_t(data.size())},
        tensor{data.data(), SYM_ELEMENT_F64, 1, sizes, nullptr} {}
  Tensor(int64_t &scalar)
      : tensor{&scalar, SYM_ELEMENT_I64, 0, nullptr, nullptr} {}
  Tensor(int32_t &scalar)
      : tensor{&scalar, SYM_ELEMENT_I32, 0, nullptr, nullptr} {}
  Tensor(const Tensor &) = delete;
  operator const sym_tensor *() const { return &tensor; }
  int64_t sizes[1] = {0};
  sym_tensor tensor;
};

/// Whether the main program's functions are device functions: then the tests
/// are built from the same sources a second time (OnDevice).
#ifdef SYM_TEST_ON_DEVICE
constexpr bool kOnDevice = true;
#else
constexpr bool kOnDevice = false;
#endif
/// Bytes of the pool that are in use, where nothing keeps any for later: the
/// device layer keeps what it makes of calls.
inline int64_t bytesInUse() {
#ifdef SYM_TEST_ON_SIMULATOR
  return 0;
#else
  return sym_get_statistics().bytes_in_use;
#endif
}
/// For tests of what only memory of the host can do.
#define SYM_SKIP_ON_DEVICE(reason)                                             \
  if (kOnDevice)                                                               \
  GTEST_SKIP() << reason

/// Writes f64 elements, from `index` on, of what may be on a device.
void writeElements(const sym_tensor &tensor, int64_t index,
                   std::vector<double> values);

/// The f64 elements of an array, wherever it is.
std::vector<double> vectorOf(sym_array *array);
/// The f64 elements, or the i64 value, of an array that is then released.
std::vector<double> takeVector(sym_array *array);
int64_t takeInt(sym_array *array);
std::vector<double> readVector(sym_variable *variable);
int64_t readInt(sym_variable *variable);
sym_status setVector(sym_variable *variable, std::vector<double> data);
sym_status setInt(sym_variable *variable, int64_t data);

#define EXPECT_OK(expression)                                                  \
  EXPECT_EQ(int32_t(SYM_OK), (expression)) << sym_error_message()
#define ASSERT_OK(expression)                                                  \
  ASSERT_EQ(int32_t(SYM_OK), (expression)) << sym_error_message()

//===----------------------------------------------------------------------===//
// The programs
//===----------------------------------------------------------------------===//

/// An instance that goes with its scope.
class Instance {
public:
  explicit Instance(const sym_program *program) {
    EXPECT_OK(sym_instance_create(program, &instance));
  }
  ~Instance() { sym_instance_destroy(instance); }
  Instance(const Instance &) = delete;
  sym_variable *variable(const char *name) {
    sym_variable *v = sym_instance_variable(instance, name);
    EXPECT_NE(v, nullptr) << name;
    return v;
  }
  sym_function *function(const char *name) {
    sym_function *f = sym_instance_function(instance, name);
    EXPECT_NE(f, nullptr) << name;
    return f;
  }
  /// Calls with arguments; results go to arrays, which the caller releases.
  sym_status call(const char *name, std::vector<const sym_tensor *> args,
                  std::vector<sym_array *> *results = nullptr);
  sym_instance *get() { return instance; }

private:
  sym_instance *instance = nullptr;
};

/// Variables: i64 `n`, `m` (0 and 0), f64[?] `s`, `t` (uninitialised).
/// Functions:
///   add(i32) -> i64         n += arg; the old n
///   read2() -> i64, i64     n, m
///   transfer(i64)           n -= arg, m += arg
///   swap()                  s, t = t, s
///   rotate(f64[?])          t = s, s = arg
///   choose(i64)             s, t = s, t if arg else t, s   (SELECTED)
///   axpy(f64[?])            s += arg; fails with a shape mismatch
///   old(f64[?]) -> f64[?]   s += arg; the old s
///   replace(f64[?]) -> f64[?]  s = arg; the old s, moved out
///   peek() -> f64[?]        s, as a pin
///   busy(f64[?], i64)       s += arg through alloc, arena and free; fails
///                           late (but before any write) if the i64 is not 0
///   scale(mutable borrowed f64[?]) -> f64[?]  doubles its argument in place
///   scaleCopy(mutable f64[?]) -> f64[?]       the same on a copy
///   both(mutable borrowed f64[?], f64[?]) -> f64[?]
///                           arg0 *= 2, then the result is arg0 + arg1
const sym_program *mainProgram(int32_t policy);

} // namespace symtest

#endif // SYM_TEST_RUNTIME_PROGRAMS_H
