//===- FloatText.h - Shortest decimal forms of floats -----------*- C++ -*-===//
//
// What NumPy's dragon4 does, by the C++ library's exact conversions: the
// shortest digits that read back as the same value, cut (correctly rounded) at
// a number of fractional digits. Pure functions; any thread; no allocation.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_BASE_FLOATTEXT_H
#define SYM_LIB_RUNTIME_BASE_FLOATTEXT_H

#include <stdint.h>

namespace sym::rt {

/// Room for any text below: a positional double has at most 309 integral
/// digits, and callers ask for at most 340 digits behind the point.
constexpr int kFloatTextCapacity = 768;

/// A decimal text taken apart. For the scientific form `integer` has one
/// digit and `exponent` is set.
struct FloatText {
  bool negative;
  int exponent;
  int integerLength;
  int fractionLength; ///< without trailing zeros
  char integer[320];
  char fraction[352];
};

/// How many fractional digits there are unless the shortest form is shorter;
/// pass kAllDigits for no cut.
constexpr int kAllDigits = 340;

/// `value` is finite and exactly of type `element` (SYM_ELEMENT_F*).
FloatText positionalText(double value, int32_t element, int maxFraction);
FloatText scientificText(double value, int32_t element, int maxFraction);

/// Exactly `fraction` digits behind the point: the shortest form if it has
/// that many, otherwise the exact value's digits.
FloatText scientificColumn(double value, int32_t element, int fraction);

/// The form that Python's str() of a NumPy scalar has, such as 0.1, 1e+16,
/// nan; returns the length. `wholeSuffix` is what an integral value gets
/// behind its digits (".0" for a real number, "" inside a complex one).
int scalarText(double value, int32_t element, const char *wholeSuffix,
               char *out);

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_BASE_FLOATTEXT_H
