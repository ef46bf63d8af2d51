//===- Mathematics.cpp - Functions of arrays beside libmvec ---------------===//
//
// The peer is a loop over libmvec in vectors of the machine, which is what a C
// compiler makes of one at best.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

using namespace bench;

#ifdef __AVX512F__
#define REGISTER 64
#define LETTER_F32(shape, name) _ZGVeN16##shape##_##name##f
#define LETTER_F64(shape, name) _ZGVeN8##shape##_##name
#else
#define REGISTER 32
#define LETTER_F32(shape, name) _ZGVdN8##shape##_##name##f
#define LETTER_F64(shape, name) _ZGVdN4##shape##_##name
#endif

typedef float Floats __attribute__((vector_size(REGISTER), aligned(4)));
typedef double Doubles __attribute__((vector_size(REGISTER), aligned(8)));

#define DECLARE(name)                                                          \
  extern "C" Floats LETTER_F32(v, name)(Floats);                               \
  extern "C" Doubles LETTER_F64(v, name)(Doubles);
DECLARE(exp)
DECLARE(log)
DECLARE(tanh)
DECLARE(sin)
DECLARE(cos)
DECLARE(erf)
extern "C" Floats LETTER_F32(vv, pow)(Floats, Floats);
extern "C" Doubles LETTER_F64(vv, pow)(Doubles, Doubles);

namespace {
// A multiple of every register.
constexpr int64_t kSize = 1 << 20;

template <typename T, typename Vector, Vector (*function)(Vector)>
void applyUnary(T *x, T *, T *out) {
  constexpr int64_t lanes = sizeof(Vector) / sizeof(T);
  for (int64_t i = 0; i < kSize; i += lanes)
    *reinterpret_cast<Vector *>(out + i) =
        function(*reinterpret_cast<Vector *>(x + i));
}

template <typename T, typename Vector, Vector (*function)(Vector, Vector)>
void applyBinary(T *x, T *y, T *out) {
  constexpr int64_t lanes = sizeof(Vector) / sizeof(T);
  for (int64_t i = 0; i < kSize; i += lanes)
    *reinterpret_cast<Vector *>(out + i) = function(
        *reinterpret_cast<Vector *>(x + i), *reinterpret_cast<Vector *>(y + i));
}

template <typename T>
void add(const std::string &name, double low, double high, bool binary,
         void (*function)(T *, T *, T *)) {
  auto make = [](double from, double to) {
    auto array = std::make_shared<Array<T>>(std::vector<int64_t>{kSize});
    array->fill(from, to);
    return array;
  };
  auto x = make(low, high), y = make(-3, 3), ours = make(1, 1),
       theirs = make(1, 1);
  std::vector<sym_tensor> args = {x->view()};
  if (binary)
    args.push_back(y->view());
  Call call(name + (sizeof(T) == 4 ? "_f32" : "_f64"), args);
  call.into(*ours);
  auto peer = [=] { function(x->begin(), y->begin(), theirs->begin()); };
  std::string title = name + (sizeof(T) == 4 ? " f32, 1 Mi" : " f64, 1 Mi");
  call();
  peer();
  // The same routine on the same numbers.
  mustAgree(title, *ours, *theirs, 0);
  registerCase(
      title, {0.8}, double(kSize),
      [=]() mutable {
        call();
        benchmark::DoNotOptimize(ours->begin());
      },
      peer);
}
} // namespace

#define UNARY(name, low, high)                                                 \
  add<float>(#name, low, high, false,                                          \
             applyUnary<float, Floats, LETTER_F32(v, name)>);                  \
  add<double>(#name, low, high, false,                                         \
              applyUnary<double, Doubles, LETTER_F64(v, name)>);

void bench::registerMathematics() {
  UNARY(exp, -10, 10)
  UNARY(log, 0.01, 100)
  UNARY(tanh, -4, 4)
  UNARY(sin, -10, 10)
  UNARY(cos, -10, 10)
  UNARY(erf, -3, 3)
  add<float>("pow", 0.1, 10, true,
             applyBinary<float, Floats, LETTER_F32(vv, pow)>);
  add<double>("pow", 0.1, 10, true,
              applyBinary<double, Doubles, LETTER_F64(vv, pow)>);
}
