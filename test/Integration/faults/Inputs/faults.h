//===- faults.h - Calls under faults, with an oracle ------------*- C++ -*-===//
//
// A case is a function of the compiled program, values of the variables to
// start from, arguments, and what it must compute, worked out by the harness.
// `run` calls it in every way there is, lets every allocation fail, meets the
// cap at every height, and gives it arguments that fail a check.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_TEST_INTEGRATION_FAULTS_H
#define SYM_TEST_INTEGRATION_FAULTS_H

#include "sym/Runtime/debug.h"
#include "sym/Runtime/sym.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

/// A value: what is compared bit for bit.
struct Value {
  int32_t element = 0;
  std::vector<int64_t> sizes;
  std::vector<char> bytes;

  Value() = default;
  template <typename T>
  Value(std::vector<int64_t> sizes, const std::vector<T> &data)
      : element(sym::elementOf<T>()), sizes(std::move(sizes)),
        bytes(data.size() * sizeof(T)) {
    if (!data.empty())
      memcpy(bytes.data(), data.data(), bytes.size());
  }
  explicit Value(const sym_tensor &t)
      : element(t.element), sizes(t.sizes, t.sizes + t.rank) {
    size_t count = sym_element_size(element);
    for (int64_t size : sizes)
      count *= static_cast<size_t>(size);
    const char *data = static_cast<const char *>(t.data);
    bytes.assign(data, data + count);
  }
  bool operator==(const Value &other) const {
    return element == other.element && sizes == other.sizes &&
           bytes == other.bytes;
  }
  sym_tensor tensor() {
    return {
        bytes.data(),   element, int32_t(sizes.size()), sizes.data(), nullptr,
        SYM_SPACE_HOST, 0};
  }
};

template <typename T> Value scalar(T x) { return Value({}, std::vector<T>{x}); }
template <typename T> Value vector(std::vector<T> x) {
  int64_t size = int64_t(x.size());
  return Value({size}, x);
}

using Values = std::vector<Value>;
using State = std::map<std::string, Value>;

struct Case {
  const char *function;
  State before; ///< variables to set; the rest keep what they have
  Values arguments;
  State after; ///< what differs from `before`
  Values results;
  struct Bad {
    Values arguments;
    sym_status status;
    const char *message; ///< some of its text
    State before = {};   ///< over the case's own
  };
  std::vector<Bad> bad;
};

extern "C" const sym_program sym_program_faults;
std::vector<Case> allCases();

class Harness {
public:
  explicit Harness(const sym_program &program);
  ~Harness();
  /// Tries a case in every way; prints one line.
  void run(Case &c);
  /// One call in place, between which and its preparation `resume` and `pause`
  /// let a fault of the caller's go on and hold it up: the call succeeds, or is
  /// out of memory without effect.
  template <typename Pause, typename Resume>
  void tryOnce(Case &c, Pause pause, Resume resume) {
    int64_t left = pause();
    set(c.before);
    State before = state();
    Values arguments = c.arguments;
    resume(left);
    Attempt attempt = call(c.function, arguments, How::InPlace);
    left = pause();
    bool good = attempt.status == SYM_OK || attempt.status == SYM_OUT_OF_MEMORY;
    expect(good, c.function, How::InPlace, "a refusal", 0, "another status");
    if (attempt.status == SYM_OK)
      for (const auto &[name, value] : c.after)
        before[name] = value;
    expect(state() == before, c.function, How::InPlace, "a refusal", 0,
           "another state");
    resume(left);
  }
  int failures() const { return numFailures; }

private:
  enum class How { InPlace, Pinned, IntoBuffers };
  struct Attempt {
    sym_status status;
    Values results;
    std::string message;
  };
  void tryAll(Case &c, How how);
  void set(const State &state);
  State state();
  Attempt call(const char *function, Values &arguments, How how);
  void expectSuccess(Case &c, Values &arguments, How how, const char *when);
  /// Calls, and expects `status` and nothing else to come of it.
  void expectFailure(const char *function, Values &arguments, How how,
                     const Case::Bad &bad, int64_t k, const State &before);
  bool expect(bool good, const char *function, How how, const char *when,
              int64_t k, const char *what);

  sym_instance *instance = nullptr;
  const sym_program &program;
  int numFailures = 0;
  int64_t allocations = 0, caps = 0;
};

#endif // SYM_TEST_INTEGRATION_FAULTS_H
