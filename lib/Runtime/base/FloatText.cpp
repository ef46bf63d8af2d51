//===- FloatText.cpp - Shortest decimal forms of floats -------------------===//

#include "FloatText.h"
#include "Elements.h"

#include <charconv>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

using namespace sym::rt;

namespace {
/// Significant digits d1 d2 d3 … and the power of ten of the first.
struct Digits {
  char digits[40];
  int count;
  int exponent;
};

/// Rounds to the nearest value of a 16- or 8-bit type by walking its finite
/// non-negative values, which are ordered as their bit patterns are.
double roundToSmall(double value, int32_t element) {
  bool isByte = sym_element_size(element) == 1;
  uint32_t low = 0, high = isByte ? 0x7f : 0x7fff;
  auto decode = [&](uint32_t bits) {
    uint16_t wide = uint16_t(bits);
    uint8_t narrow = uint8_t(bits);
    return loadFloat(isByte ? static_cast<void *>(&narrow) : &wide, element);
  };
  while (high > 0 && !isfinite(decode(high)))
    --high;
  while (high - low > 1) {
    uint32_t middle = (low + high) / 2;
    (decode(middle) <= value ? low : high) = middle;
  }
  double below = decode(low), above = decode(high);
  // Beyond the middle between the largest value and the next that would
  // follow it lies infinity, and no text of a finite value.
  if (value > above)
    return value - above < (above - below) / 2 ? above : INFINITY;
  if (value - below == above - value)
    return low % 2 == 0 ? below : above;
  return value - below < above - value ? below : above;
}

Digits parseScientific(const char *text, const char *end) {
  Digits d;
  d.count = 0;
  const char *p = text;
  for (; p != end && *p != 'e'; ++p)
    if (*p != '.' && d.count < int(sizeof(d.digits)))
      d.digits[d.count++] = *p;
  d.exponent = p == end ? 0 : atoi(p + 1);
  while (d.count > 1 && d.digits[d.count - 1] == '0')
    --d.count;
  return d;
}

/// The shortest digits of a finite value that is not negative.
Digits shortestDigits(double value, int32_t element) {
  char text[64];
  if (element == SYM_ELEMENT_F64 || element == SYM_ELEMENT_F32) {
    std::to_chars_result r =
        element == SYM_ELEMENT_F64
            ? std::to_chars(text, text + sizeof(text) - 1, value,
                            std::chars_format::scientific)
            : std::to_chars(text, text + sizeof(text) - 1, float(value),
                            std::chars_format::scientific);
    *r.ptr = 0;
    return parseScientific(text, r.ptr);
  }
  // Small types: the fewest digits that read back. Nine are enough for all.
  for (int precision = 0;; ++precision) {
    int length = snprintf(text, sizeof(text), "%.*e", precision, value);
    if (precision >= 8 || roundToSmall(strtod(text, nullptr), element) == value)
      return parseScientific(text, text + length);
  }
}

void trimZeros(FloatText &t) {
  while (t.fractionLength > 0 && t.fraction[t.fractionLength - 1] == '0')
    --t.fractionLength;
}

FloatText splitFixed(const char *text, bool negative) {
  FloatText t;
  t.negative = negative;
  t.exponent = 0;
  const char *point = strchr(text, '.');
  size_t integerLength = point ? size_t(point - text) : strlen(text);
  t.integerLength = int(integerLength);
  memcpy(t.integer, text, integerLength);
  t.fractionLength = point ? int(strlen(point + 1)) : 0;
  if (t.fractionLength)
    memcpy(t.fraction, point + 1, size_t(t.fractionLength));
  trimZeros(t);
  return t;
}
} // namespace

FloatText sym::rt::positionalText(double value, int32_t element,
                                  int maxFraction) {
  bool negative = signbit(value);
  double magnitude = fabs(value);
  if (magnitude == 0)
    return splitFixed("0.", negative);
  Digits d = shortestDigits(magnitude, element);
  if (d.count - 1 - d.exponent > maxFraction) {
    // Cut: rounded from the exact value, not from the shortest digits.
    char text[kFloatTextCapacity];
    std::to_chars_result r =
        std::to_chars(text, text + sizeof(text) - 1, magnitude,
                      std::chars_format::fixed, maxFraction);
    *r.ptr = 0;
    return splitFixed(text, negative);
  }
  FloatText t;
  t.negative = negative;
  t.exponent = 0;
  t.integerLength = t.fractionLength = 0;
  if (d.exponent < 0) {
    t.integer[t.integerLength++] = '0';
    for (int i = -1; i > d.exponent; --i)
      t.fraction[t.fractionLength++] = '0';
  }
  for (int i = 0; i < d.count || i <= d.exponent; ++i) {
    char digit = i < d.count ? d.digits[i] : '0';
    if (i <= d.exponent)
      t.integer[t.integerLength++] = digit;
    else
      t.fraction[t.fractionLength++] = digit;
  }
  trimZeros(t);
  return t;
}

/// The digits of the exact value, `fraction` of them behind the point.
static Digits exactDigits(double magnitude, int fraction) {
  char text[64];
  std::to_chars_result r =
      std::to_chars(text, text + sizeof(text) - 1, magnitude,
                    std::chars_format::scientific, fraction);
  *r.ptr = 0;
  return parseScientific(text, r.ptr);
}

static FloatText scientific(double value, const Digits &d) {
  FloatText t;
  t.negative = signbit(value);
  t.exponent = d.exponent;
  t.integer[0] = d.digits[0];
  t.integerLength = 1;
  t.fractionLength = d.count - 1;
  memcpy(t.fraction, d.digits + 1, size_t(t.fractionLength));
  trimZeros(t);
  return t;
}

FloatText sym::rt::scientificText(double value, int32_t element,
                                  int maxFraction) {
  double magnitude = fabs(value);
  Digits d = shortestDigits(magnitude, element);
  if (d.count - 1 > maxFraction)
    d = exactDigits(magnitude, maxFraction);
  return scientific(value, d);
}

FloatText sym::rt::scientificColumn(double value, int32_t element,
                                    int fraction) {
  double magnitude = fabs(value);
  Digits d = shortestDigits(magnitude, element);
  if (d.count - 1 != fraction)
    d = exactDigits(magnitude, fraction);
  FloatText t = scientific(value, d);
  while (t.fractionLength < fraction)
    t.fraction[t.fractionLength++] = '0';
  return t;
}

int sym::rt::scalarText(double value, int32_t element, const char *wholeSuffix,
                        char *out) {
  if (isnan(value))
    return snprintf(out, kFloatTextCapacity, "nan");
  if (isinf(value))
    return snprintf(out, kFloatTextCapacity, value < 0 ? "-inf" : "inf");
  double magnitude = fabs(value);
  // Past its precision a type's digits say nothing (NumPy 2.3 and later).
  double limit = element == SYM_ELEMENT_F64   ? 1e16
                 : element == SYM_ELEMENT_F32 ? 1e6
                                              : 1e3;
  bool positional = magnitude == 0 || (magnitude < limit && magnitude >= 1e-4);
  FloatText t = positional ? positionalText(value, element, kAllDigits)
                           : scientificText(value, element, kAllDigits);
  int n = snprintf(out, kFloatTextCapacity, "%s%.*s", t.negative ? "-" : "",
                   t.integerLength, t.integer);
  if (t.fractionLength)
    n += snprintf(out + n, size_t(kFloatTextCapacity - n), ".%.*s",
                  t.fractionLength, t.fraction);
  else if (positional)
    n += snprintf(out + n, size_t(kFloatTextCapacity - n), "%s", wholeSuffix);
  if (!positional)
    n += snprintf(out + n, size_t(kFloatTextCapacity - n), "e%c%02d",
                  t.exponent < 0 ? '-' : '+', abs(t.exponent));
  return n;
}
