//===- Elements.cpp - Element types ---------------------------------------===//

#include "Elements.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

using namespace sym::rt;

namespace {
constexpr int kNumElements = 26;

using EC = ElementClass;
constexpr ElementInfo kElements[kNumElements] = {
    {nullptr, nullptr, EC::None, 0, 0},
    {"bool", "b1", EC::Bool, 1, 8},
    {"i4", nullptr, EC::Signed, 0, 4},
    {"i8", "i1", EC::Signed, 1, 8},
    {"i16", "i2", EC::Signed, 2, 16},
    {"i32", "i4", EC::Signed, 4, 32},
    {"i64", "i8", EC::Signed, 8, 64},
    {"i128", nullptr, EC::Signed, 16, 128},
    {"u4", nullptr, EC::Unsigned, 0, 4},
    {"u8", "u1", EC::Unsigned, 1, 8},
    {"u16", "u2", EC::Unsigned, 2, 16},
    {"u32", "u4", EC::Unsigned, 4, 32},
    {"u64", "u8", EC::Unsigned, 8, 64},
    {"u128", nullptr, EC::Unsigned, 16, 128},
    {nullptr, nullptr, EC::None, 0, 0},
    {nullptr, nullptr, EC::None, 0, 0},
    {"f8e4m3fn", nullptr, EC::Float, 1, 8},
    {"f8e5m2", nullptr, EC::Float, 1, 8},
    {"f16", "f2", EC::Float, 2, 16},
    {"bf16", nullptr, EC::Float, 2, 16},
    {"f32", "f4", EC::Float, 4, 32},
    {"f64", "f8", EC::Float, 8, 64},
    {"f80", nullptr, EC::Float, 16, 80},
    {"f128", nullptr, EC::Float, 16, 128},
    {"c64", "c8", EC::Complex, 8, 64},
    {"c128", "c16", EC::Complex, 16, 128},
};

template <typename T> T load(const void *data) {
  T value;
  memcpy(&value, data, sizeof(T));
  return value;
}

/// A binary float with `exponentBits` and `mantissaBits`, IEEE style.
double decodeSmallFloat(uint32_t bits, int exponentBits, int mantissaBits,
                        bool hasInfinity) {
  uint32_t mantissaMask = (1u << mantissaBits) - 1;
  uint32_t exponentMask = (1u << exponentBits) - 1;
  uint32_t mantissa = bits & mantissaMask;
  uint32_t exponent = (bits >> mantissaBits) & exponentMask;
  bool negative = (bits >> (exponentBits + mantissaBits)) & 1;
  int bias = (1 << (exponentBits - 1)) - 1;
  double value;
  if (exponent == exponentMask && hasInfinity)
    value = mantissa ? NAN : INFINITY;
  else if (exponent == exponentMask && mantissa == mantissaMask)
    value = NAN; // the one NaN of the types without infinity
  else if (exponent == 0)
    value = ldexp(double(mantissa), 1 - bias - mantissaBits);
  else
    value = ldexp(double(mantissa + mantissaMask + 1),
                  int(exponent) - bias - mantissaBits);
  return negative ? -value : value;
}
} // namespace

const ElementInfo &sym::rt::elementInfo(int32_t element) {
  bool known = element >= 0 && element < kNumElements;
  return kElements[known ? element : 0];
}

const char *sym::rt::elementName(int32_t element) {
  if (const char *name = elementInfo(element).name)
    return name;
  static __thread char text[24];
  snprintf(text, sizeof(text), "element %d", int(element));
  return text;
}

int32_t sym::rt::elementByName(const char *name, size_t length) {
  for (int32_t i = 0; i < kNumElements; ++i)
    if (kElements[i].name && strlen(kElements[i].name) == length &&
        memcmp(kElements[i].name, name, length) == 0)
      return i;
  return 0;
}

__int128 sym::rt::loadInteger(const void *data, int32_t element) {
  switch (element) {
  case SYM_ELEMENT_BOOL:
    return load<uint8_t>(data) != 0;
  case SYM_ELEMENT_I8:
    return load<int8_t>(data);
  case SYM_ELEMENT_I16:
    return load<int16_t>(data);
  case SYM_ELEMENT_I32:
    return load<int32_t>(data);
  case SYM_ELEMENT_I64:
    return load<int64_t>(data);
  case SYM_ELEMENT_U8:
    return load<uint8_t>(data);
  case SYM_ELEMENT_U16:
    return load<uint16_t>(data);
  case SYM_ELEMENT_U32:
    return load<uint32_t>(data);
  case SYM_ELEMENT_U64:
    return load<uint64_t>(data);
  case SYM_ELEMENT_I128:
  case SYM_ELEMENT_U128:
    return load<__int128>(data);
  }
  return 0;
}

double sym::rt::loadFloat(const void *data, int32_t element) {
  switch (element) {
  case SYM_ELEMENT_F64:
    return load<double>(data);
  case SYM_ELEMENT_F32:
    return load<float>(data);
  case SYM_ELEMENT_F16:
    return decodeSmallFloat(load<uint16_t>(data), 5, 10, true);
  case SYM_ELEMENT_BF16:
    return decodeSmallFloat(load<uint16_t>(data), 8, 7, true);
  case SYM_ELEMENT_F8E5M2:
    return decodeSmallFloat(load<uint8_t>(data), 5, 2, true);
  case SYM_ELEMENT_F8E4M3FN:
    return decodeSmallFloat(load<uint8_t>(data), 4, 3, false);
  }
  return 0;
}

size_t sym_element_size(int32_t element) { return elementInfo(element).size; }
