//===- Literal.cpp - Arrays written on a command line ---------------------===//

#include "Literal.h"

#include <cerrno>
#include <climits>
#include <cmath>
#include <cstdlib>
#include <cstring>

using namespace sym::driver;

namespace {
class Parser {
public:
  Parser(const std::string &text, const sym_type_desc &type, Array &out,
         std::string &error)
      : text(text), type(type), out(out), error(error) {}

  bool parse();

private:
  bool parseValue(int depth);
  bool parseNumber();
  bool parseInteger(const std::string &token);
  bool parseReal(const std::string &token, size_t &position, double &value);
  bool appendReal(double value, int32_t element);
  void append(const void *data, size_t size) {
    const char *bytes = static_cast<const char *>(data);
    out.bytes.insert(out.bytes.end(), bytes, bytes + size);
  }
  bool fail(std::string message) {
    error = std::move(message);
    return false;
  }
  void skipSpace() {
    while (position < text.size() && isspace((unsigned char)text[position]))
      ++position;
  }
  bool isNext(char c) { return position < text.size() && text[position] == c; }

  const std::string &text;
  const sym_type_desc &type;
  Array &out;
  std::string &error;
  size_t position = 0;
  /// Sizes found so far; -1 where no list of that depth has ended yet.
  std::vector<int64_t> found;
};
} // namespace

bool Parser::parse() {
  out.element = type.element;
  out.bytes.clear();
  found.assign(type.rank, -1);
  skipSpace();
  if (!parseValue(0))
    return false;
  skipSpace();
  if (position != text.size())
    return fail("unexpected '" + text.substr(position, 16) +
                "' behind the value");
  out.sizes.clear();
  for (int32_t i = 0; i < type.rank; ++i) {
    // Below an empty list nothing says how long the inner ones are.
    int64_t open = type.sizes[i] == SYM_DYNAMIC ? 0 : type.sizes[i];
    out.sizes.push_back(found[i] < 0 ? open : found[i]);
  }
  return true;
}

bool Parser::parseValue(int depth) {
  if (!isNext('[')) {
    if (depth != type.rank)
      return fail("expected an array of rank " + std::to_string(type.rank) +
                  ", found rank " + std::to_string(depth));
    return parseNumber();
  }
  if (depth == type.rank)
    return fail("expected an array of rank " + std::to_string(type.rank) +
                ", found a deeper list");
  ++position;
  skipSpace();
  int64_t count = 0;
  if (!isNext(']')) {
    while (true) {
      if (!parseValue(depth + 1))
        return false;
      ++count;
      skipSpace();
      if (isNext(']'))
        break;
      if (!isNext(','))
        return fail(position == text.size()
                        ? "expected ']'"
                        : "expected ',' or ']' before '" +
                              text.substr(position, 16) + "'");
      ++position;
      skipSpace();
    }
  }
  ++position;
  if (found[depth] >= 0 && found[depth] != count)
    return fail("lists of different length at depth " +
                std::to_string(depth + 1) + ": " +
                std::to_string(found[depth]) + " and " + std::to_string(count));
  found[depth] = count;
  return true;
}

bool Parser::parseNumber() {
  size_t end = text.find_first_of(",] \t\n", position);
  std::string token = text.substr(position, end - position);
  if (token.empty())
    return fail(position == text.size() ? "expected a number"
                                        : "expected a number before '" +
                                              text.substr(position, 16) + "'");
  position += token.size();
  if (type.element < SYM_ELEMENT_F8E4M3FN)
    return parseInteger(token);

  size_t used = 0;
  double real = 0, imaginary = 0;
  bool isComplex =
      type.element == SYM_ELEMENT_C64 || type.element == SYM_ELEMENT_C128;
  if (!parseReal(token, used, real))
    return fail("expected a number, found '" + token + "'");
  if (isComplex && used < token.size()) {
    if (token[used] == 'j') {
      imaginary = real;
      real = 0;
      ++used;
    } else {
      if (!parseReal(token, used, imaginary) || used >= token.size() ||
          token[used] != 'j')
        return fail("expected a number such as 1+2j, found '" + token + "'");
      ++used;
    }
  }
  if (used != token.size())
    return fail("expected a number, found '" + token + "'");
  if (!isComplex)
    return appendReal(real, type.element);
  int32_t part =
      type.element == SYM_ELEMENT_C64 ? SYM_ELEMENT_F32 : SYM_ELEMENT_F64;
  return appendReal(real, part) && appendReal(imaginary, part);
}

bool Parser::parseReal(const std::string &token, size_t &at, double &value) {
  const char *begin = token.c_str() + at;
  if (isspace((unsigned char)*begin))
    return false;
  char *end = nullptr;
  value = strtod(begin, &end);
  at = end - token.c_str();
  return end != begin;
}

bool Parser::parseInteger(const std::string &token) {
  if (type.element == SYM_ELEMENT_BOOL) {
    bool isTrue = token == "true" || token == "True" || token == "1";
    if (!isTrue && token != "false" && token != "False" && token != "0")
      return fail("expected true or false, found '" + token + "'");
    char byte = isTrue;
    append(&byte, 1);
    return true;
  }
  size_t size = sym_element_size(type.element);
  if (size == 0)
    return fail("elements of this type cannot be written as a literal");
  bool isUnsigned =
      type.element >= SYM_ELEMENT_U4 && type.element <= SYM_ELEMENT_U128;
  bool isNegative = token[0] == '-';
  size_t first = isNegative || token[0] == '+';
  __int128 limit = (__int128(1) << (size > 8 ? 126 : 8 * size - !isUnsigned));
  __int128 value = 0;
  if (first == token.size())
    return fail("expected an integer, found '" + token + "'");
  for (size_t i = first; i < token.size(); ++i) {
    if (token[i] < '0' || token[i] > '9')
      return fail("expected an integer, found '" + token + "'");
    value = value * 10 + (token[i] - '0');
    if (value > limit)
      return fail("'" + token + "' is out of range for the element type");
  }
  if (isNegative ? (isUnsigned && value != 0) : value == limit)
    return fail("'" + token + "' is out of range for the element type");
  if (isNegative)
    value = -value;
  append(&value, size); // little endian
  return true;
}

/// `value` rounded to the nearest of a binary format, ties to even. `bias` is
/// that of the format; a format without infinity overflows to its NaN.
static uint32_t roundTo(double value, int exponentBits, int mantissaBits,
                        bool hasInfinity) {
  uint32_t sign = std::signbit(value) ? 1u << (exponentBits + mantissaBits) : 0;
  uint32_t exponentMask = (1u << exponentBits) - 1;
  uint32_t infinity = exponentMask << mantissaBits;
  uint32_t nan = hasInfinity ? infinity | (1u << (mantissaBits - 1))
                             : infinity | ((1u << mantissaBits) - 1);
  if (std::isnan(value))
    return sign | nan;
  uint32_t overflow = hasInfinity ? infinity : nan;
  if (std::isinf(value))
    return sign | overflow;
  double magnitude = std::fabs(value);
  if (magnitude == 0)
    return sign;
  int bias = (1 << (exponentBits - 1)) - 1;
  int exponent = std::max(std::ilogb(magnitude), 1 - bias);
  // The significand as an integer, rounded in the current (nearest) mode; the
  // carry out of it belongs to the exponent.
  double scaled =
      std::nearbyint(std::scalbn(magnitude, mantissaBits - exponent));
  uint64_t bits =
      uint64_t(scaled) + (uint64_t(exponent + bias - 1) << mantissaBits);
  if (bits >= (hasInfinity ? infinity : nan))
    return sign | overflow;
  return sign | uint32_t(bits);
}

bool Parser::appendReal(double value, int32_t element) {
  switch (element) {
  case SYM_ELEMENT_F64:
    append(&value, 8);
    return true;
  case SYM_ELEMENT_F32: {
    float single = float(value);
    append(&single, 4);
    return true;
  }
  case SYM_ELEMENT_F16: {
    uint32_t bits = roundTo(value, 5, 10, true);
    append(&bits, 2);
    return true;
  }
  case SYM_ELEMENT_BF16: {
    uint32_t bits = roundTo(value, 8, 7, true);
    append(&bits, 2);
    return true;
  }
  case SYM_ELEMENT_F8E5M2: {
    uint32_t bits = roundTo(value, 5, 2, true);
    append(&bits, 1);
    return true;
  }
  case SYM_ELEMENT_F8E4M3FN: {
    uint32_t bits = roundTo(value, 4, 3, false);
    append(&bits, 1);
    return true;
  }
  default:
    return fail("elements of this type cannot be written as a literal");
  }
}

bool sym::driver::parseArray(const std::string &text, const sym_type_desc &type,
                             Array &out, std::string &error) {
  return Parser(text, type, out, error).parse();
}
