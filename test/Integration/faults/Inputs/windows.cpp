//===- windows.cpp - Everything is a window over one buffer ---------------===//

#include "sym/Runtime/sym_runtime.h"

#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

extern "C" const sym_program sym_program_windows;

namespace {
constexpr int64_t kBuffer = 200;
using Doubles = std::vector<double>;

std::mt19937 generator(1);
int64_t below(int64_t n) { return int64_t(generator() % uint64_t(n)); }

/// `size` elements of the buffer; `data` is what they hold to begin with.
struct Window {
  int64_t size, stride, start;
  Doubles data;
  Window(const double *buffer, int64_t size, bool dense) : size(size) {
    const int64_t strides[] = {1, 1, 1, 2, 3, 0, -1, -2};
    stride = dense ? 1 : strides[below(8)];
    int64_t reach = size ? (size - 1) * stride : 0;
    int64_t low = reach < 0 ? -reach : 0;
    int64_t high = kBuffer - 1 - (reach > 0 ? reach : 0);
    start = low + below(high - low + 1);
    for (int64_t i = 0; i < size; ++i)
      data.push_back(buffer[start + i * stride]);
  }
  sym_tensor tensor(double *buffer) const {
    return {buffer + start,
            SYM_ELEMENT_F64,
            1,
            &size,
            stride == 1 ? nullptr : &stride,
            SYM_SPACE_HOST,
            0};
  }
};

Doubles valueOf(sym_variable *variable) {
  sym_array *array;
  if (sym_variable_get(variable, &array))
    return {};
  sym_tensor view = sym_array_view(array);
  const double *data = static_cast<double *>(view.data);
  Doubles value(data, data + view.sizes[0]);
  sym_array_release(array);
  return value;
}
} // namespace

int main() {
  sym_instance *instance;
  if (sym_instance_create(&sym_program_windows, &instance))
    return 1;
  sym_variable *s = sym_instance_variable(instance, "s");
  sym_variable *t = sym_instance_variable(instance, "t");
  sym_function *mix = sym_instance_function(instance, "mix");
  int calls = 0, failures = 0;
  for (; calls < 20000; ++calls) {
    double buffer[kBuffer];
    for (double &x : buffer)
      x = double(below(1000));
    int64_t size = below(40);
    Window a(buffer, size, false), b(buffer, size, false),
        c(buffer, size, false), s0(buffer, size, true), t0(buffer, size, true);
    // State is now the variable's own, now lent from the buffer. What is lent
    // may not be a mutable argument, so then that is elsewhere.
    double elsewhere[kBuffer];
    memcpy(elsewhere, buffer, sizeof(buffer));
    bool lend = below(2);
    sym_tensor sv = s0.tensor(buffer), tv = t0.tensor(buffer);
    sym_status set = lend ? sym_variable_set_lent(s, &sv, nullptr, nullptr)
                          : sym_variable_set(s, &sv);
    set = set ? set : sym_variable_set(t, &tv);
    sym_tensor arguments[] = {a.tensor(lend ? elsewhere : buffer),
                              b.tensor(buffer), c.tensor(buffer)};
    // Results: arrays, or windows that may overlap the arguments.
    sym_result results[2] = {};
    double *places[2] = {};
    int64_t sizes[2];
    bool into = !lend && below(2);
    if (into) {
      int64_t first = below(kBuffer - 2 * size + 1);
      places[0] = buffer + first;
      places[1] = places[0] + size;
      for (int i = 0; i < 2; ++i)
        results[i] = {places[i], size_t(size) * sizeof(double), &sizes[i],
                      nullptr};
    }
    sym_status status = set ? set : sym_call(mix, arguments, 3, results, 2);
    Doubles expected[4];
    for (size_t i = 0; i < size_t(size); ++i) {
      expected[0].push_back(s0.data[i] + a.data[i] + b.data[i]);
      expected[1].push_back(2 * a.data[i] - c.data[i]);
      expected[2].push_back(s0.data[i] + c.data[i]);
      expected[3].push_back(t0.data[i] + 2 * a.data[i] - c.data[i]);
    }
    bool good = status == SYM_OK && valueOf(s) == expected[2] &&
                valueOf(t) == expected[3];
    for (int i = 0; i < 2 && status == SYM_OK; ++i) {
      const double *data =
          into ? places[i]
               : static_cast<double *>(sym_array_view(results[i].array).data);
      good &= Doubles(data, data + size) == expected[i];
      sym_array_release(results[i].array);
    }
    if (!good && ++failures < 10)
      printf("call %d, size %lld, %s, %s: wrong (%s)\n", calls,
             static_cast<long long>(size), lend ? "lent" : "own",
             into ? "into the buffer" : "arrays",
             status ? sym_error_message() : "");
  }
  printf("%d calls, %d failures\n", calls, failures);
  sym_instance_destroy(instance);
  return failures != 0;
}
