//===- math_accuracy.cpp - Compiled functions against a wider format --===//
//
// Every function at random bit patterns, at moderate arguments and at special
// values, against the C library in the next wider format: at most 4 ULP. And
// the same bits alone, in a vector and in a tail (T9). MATH_STEP=1 makes the
// f32 functions of one argument exhaustive.
//
//===----------------------------------------------------------------------===//

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

template <typename T> struct View {
  T *allocated, *aligned;
  int64_t offset, size, stride;
  explicit View(std::vector<T> &v)
      : allocated(v.data()), aligned(v.data()), offset(0), size(v.size()),
        stride(1) {}
};

static int failures = 0;

template <typename T, typename Wide> static double ulps(T got, Wide expected) {
  T rounded = static_cast<T>(expected);
  if (std::isnan(rounded) || std::isnan(got))
    return std::isnan(rounded) && std::isnan(got) ? 0 : HUGE_VAL;
  if (std::isinf(rounded) || std::isinf(got))
    return rounded == got ? 0 : HUGE_VAL;
  if (expected == 0)
    return got == 0 && std::signbit(got) == std::signbit(rounded) ? 0
                                                                  : HUGE_VAL;
  int exponent;
  std::frexp(expected, &exponent);
  exponent = std::max(exponent, std::numeric_limits<T>::min_exponent);
  Wide unit = std::ldexp(Wide(1), exponent - std::numeric_limits<T>::digits);
  return std::fabs(static_cast<double>((Wide(got) - expected) / unit));
}

template <typename T> static std::vector<T> samples(unsigned seed) {
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  std::mt19937_64 random(seed);
  std::vector<T> values = {0,
                           1,
                           2,
                           3,
                           T(0.5),
                           T(2.5),
                           std::numeric_limits<T>::infinity(),
                           std::numeric_limits<T>::quiet_NaN(),
                           std::numeric_limits<T>::denorm_min(),
                           std::numeric_limits<T>::min(),
                           std::numeric_limits<T>::max(),
                           T(1e-3),
                           T(100),
                           T(710)};
  for (size_t i = 0, e = values.size(); i != e; ++i)
    values.push_back(-values[i]);
  while (values.size() % 2003 != 0 || values.size() < 20000) {
    Bits bits = static_cast<Bits>(random());
    T value;
    std::memcpy(&value, &bits, sizeof value);
    if (values.size() % 2)
      value = T(double(random() >> 11) / double(1ull << 53) * 2 - 1) *
              std::ldexp(T(1), int(random() % 16) - 8);
    values.push_back(value);
  }
  return values;
}

template <typename T, typename Wide, typename F, typename R>
static void check(const char *name, F function, R reference,
                  const std::vector<T> &x, const std::vector<T> &y) {
  std::vector<T> a = x, b = y, result(x.size());
  function(a, b, result);
  double worst = 0;
  size_t at = 0;
  for (size_t i = 0; i != x.size(); ++i) {
    double error = ulps<T, Wide>(result[i], reference(Wide(x[i]), Wide(y[i])));
    if (error > worst)
      worst = error, at = i;
  }
  const char *type = sizeof(T) == 4 ? "f32" : "f64";
  std::printf("%s %s: %.2f ULP at %.17g, %.17g\n", name, type, worst,
              double(x[at]), double(y[at]));
  failures += !(worst <= 4);
  for (size_t i = 0; i < 300; ++i) {
    std::vector<T> one = {x[i]}, other = {y[i]}, alone(1);
    function(one, other, alone);
    if (std::memcmp(&alone[0], &result[i], sizeof(T)) != 0) {
      std::printf("%s %s: %.17g alone, %.17g in an array\n", name, type,
                  double(alone[0]), double(result[i]));
      ++failures;
      break;
    }
  }
}

static std::vector<float> everyFloat(uint32_t step) {
  std::vector<float> values;
  for (uint64_t bits = 0; bits < (1ull << 32); bits += step) {
    uint32_t narrow = static_cast<uint32_t>(bits);
    float value;
    std::memcpy(&value, &narrow, sizeof value);
    values.push_back(value);
  }
  return values;
}

// One list; the formatter does not settle on it.
// clang-format off
#define UNARY(X) \
  X(acos) X(acosh) X(asin) X(asinh) X(atan) X(atanh) \
  X(cbrt) X(cos) X(cosh) X(erf) X(erfc) X(exp) \
  X(exp2) X(expm1) X(log) X(log10) X(log1p) X(log2) \
  X(sin) X(sinh) X(sqrt) X(tan) X(tanh)
// clang-format on
#define BINARY(X) X(atan2) X(pow)
#define DECLARE1(f)                                                            \
  extern "C" void _mlir_ciface_##f##_f32(View<float> *, View<float> *);        \
  extern "C" void _mlir_ciface_##f##_f64(View<double> *, View<double> *);
#define DECLARE2(f)                                                            \
  extern "C" void _mlir_ciface_##f##_f32(View<float> *, View<float> *,         \
                                         View<float> *);                       \
  extern "C" void _mlir_ciface_##f##_f64(View<double> *, View<double> *,       \
                                         View<double> *);
UNARY(DECLARE1)
BINARY(DECLARE2)

#define CALL1(f, T, type)                                                      \
  [](std::vector<T> &a, std::vector<T> &, std::vector<T> &r) {                 \
    View<T> va(a), vr(r);                                                      \
    _mlir_ciface_##f##_##type(&va, &vr);                                       \
  }
#define CALL2(f, T, type)                                                      \
  [](std::vector<T> &a, std::vector<T> &b, std::vector<T> &r) {                \
    View<T> va(a), vb(b), vr(r);                                               \
    _mlir_ciface_##f##_##type(&va, &vb, &vr);                                  \
  }

int main() {
  auto fx = samples<float>(1), fy = samples<float>(2);
  auto dx = samples<double>(3), dy = samples<double>(4);
  const char *step = std::getenv("MATH_STEP");
  auto swept = everyFloat(step ? std::atoi(step) : 40009);
#define CHECK1(f)                                                              \
  check<float, double>(                                                        \
      #f, CALL1(f, float, f32), [](double a, double) { return std::f(a); },    \
      swept, swept);                                                           \
  check<float, double>(                                                        \
      #f, CALL1(f, float, f32), [](double a, double) { return std::f(a); },    \
      fx, fy);                                                                 \
  check<double, long double>(                                                  \
      #f, CALL1(f, double, f64),                                               \
      [](long double a, long double) { return std::f(a); }, dx, dy);
#define CHECK2(f)                                                              \
  check<float, double>(                                                        \
      #f, CALL2(f, float, f32),                                                \
      [](double a, double b) { return std::f(a, b); }, fx, fy);                \
  check<double, long double>(                                                  \
      #f, CALL2(f, double, f64),                                               \
      [](long double a, long double b) { return std::f(a, b); }, dx, dy);
  UNARY(CHECK1)
  BINARY(CHECK2)
  std::printf("%d failures\n", failures);
  return failures != 0;
}
