//===- Format.cpp - Printing arrays as NumPy does -------------------------===//
//
// Two passes over the elements that will be shown, as in NumPy's arrayprint:
// the first finds a common column format, the second writes. Nothing is
// allocated, so printing works when memory is exhausted.
//
// Glossary
//   word    the text of one element, padded to its column
//   edge    how many leading and trailing entries of an axis a summary shows
//   indent  the blanks under the brackets that are already open
//
//===----------------------------------------------------------------------===//

#include "Elements.h"
#include "FloatText.h"
#include "Text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

using namespace sym::rt;

namespace {
constexpr int64_t kThreshold = 1000;
constexpr int64_t kEdge = 3;
constexpr int kPrecision = 8;
constexpr int kLineWidth = 75;
constexpr int kMaxRank = 64;

struct Word {
  char text[kFloatTextCapacity];
  int length = 0;
  void add(char c) { text[length++] = c; }
  void add(const char *more, int count) {
    if (count > 0) {
      memcpy(text + length, more, size_t(count));
      length += count;
    }
  }
  void pad(int count) {
    for (; count > 0; --count)
      add(' ');
  }
};

int maxInt(int a, int b) { return a > b ? a : b; }

/// NumPy's FloatingFormat: a column of real numbers.
class FloatColumn {
public:
  FloatColumn(int32_t element, bool plusSign)
      : element(element), plusSign(plusSign) {}

  /// First walk: magnitudes decide between the two notations.
  void measureRange(double value) {
    ++count;
    if (!isfinite(value)) {
      anyNegativeInfinity |= value < 0;
      return;
    }
    ++finite;
    double magnitude = fabs(value);
    if (magnitude == 0)
      return;
    if (largest == 0 || magnitude > largest)
      largest = magnitude;
    if (largest == magnitude && smallest == 0)
      smallest = magnitude;
    if (magnitude < smallest)
      smallest = magnitude;
  }
  void chooseNotation() {
    double limit = element == SYM_ELEMENT_F64   ? 1e8
                   : element == SYM_ELEMENT_F32 ? 1e6
                                                : 1e3;
    // The quotient is taken in the type itself, as NumPy does.
    double ratio = element == SYM_ELEMENT_F64
                       ? largest / smallest
                       : double(float(largest) / float(smallest));
    scientific = largest != 0 &&
                 (largest >= limit || smallest < 0.0001 || ratio > 1000.);
  }
  /// Second walk: the widths on both sides of the point.
  void measureWidth(double value) {
    if (!isfinite(value))
      return;
    FloatText t = split(value);
    padLeft = maxInt(padLeft, t.integerLength + (t.negative || plusSign));
    padRight = maxInt(padRight, t.fractionLength);
    if (scientific)
      exponentDigits = maxInt(exponentDigits, abs(t.exponent) >= 100 ? 3 : 2);
  }
  void finish() {
    if (scientific) {
      fractionDigits = padRight;
      padRight = exponentDigits + 2 + fractionDigits;
    }
    if (count != finite) {
      int offset = padRight + 1;
      padLeft = maxInt(padLeft, 3 - offset);
      padLeft = maxInt(padLeft, 3 + (plusSign || anyNegativeInfinity) - offset);
    }
  }
  void format(double value, Word &word) const {
    if (!isfinite(value)) {
      const char *text = isnan(value) ? "nan" : "inf";
      char sign = !isnan(value) && value < 0 ? '-' : plusSign ? '+' : 0;
      word.pad(padLeft + padRight + 1 - 3 - (sign != 0));
      if (sign)
        word.add(sign);
      word.add(text, 3);
      return;
    }
    FloatText t = scientific ? scientificColumn(value, element, fractionDigits)
                             : positionalText(value, element, kPrecision);
    char sign = t.negative ? '-' : plusSign ? '+' : 0;
    word.pad(padLeft - t.integerLength - (sign != 0));
    if (sign)
      word.add(sign);
    word.add(t.integer, t.integerLength);
    word.add('.');
    word.add(t.fraction, t.fractionLength);
    if (!scientific) {
      word.pad(padRight - t.fractionLength);
      return;
    }
    char text[16];
    int length =
        snprintf(text, sizeof(text), "e%c%0*d", t.exponent < 0 ? '-' : '+',
                 exponentDigits, abs(t.exponent));
    word.add(text, length);
  }

private:
  FloatText split(double value) const {
    return scientific ? scientificText(value, element, kPrecision)
                      : positionalText(value, element, kPrecision);
  }
  int32_t element;
  bool plusSign;
  bool scientific = false;
  bool anyNegativeInfinity = false;
  int64_t count = 0, finite = 0;
  double largest = 0, smallest = 0;
  int padLeft = 0, padRight = 0;
  int fractionDigits = 0, exponentDigits = 0;
};

class Printer {
public:
  Printer(const sym_tensor &value, TextSink &sink)
      : value(value), sink(sink), info(elementInfo(value.element)),
        real(partElement(), false), imaginary(partElement(), true) {
    rank = value.rank;
    total = 1;
    for (int i = 0; i < rank; ++i)
      if (value.sizes[i] == 0)
        total = 0;
    for (int i = 0; i < rank && total; ++i)
      if (__builtin_mul_overflow(total, value.sizes[i], &total))
        total = INT64_MAX;
    int64_t dense = 1;
    for (int i = rank - 1; i >= 0; --i) {
      strides[i] = value.strides ? value.strides[i] : dense;
      if (__builtin_mul_overflow(dense, value.sizes[i], &dense))
        dense = 0; // only when empty
    }
    summary = total > kThreshold;
  }

  void run() {
    if (rank == 0)
      return printScalar();
    if (total == 0)
      return sink.put("[]", 2);
    Walk walks[] = {Walk::Range, Walk::Width};
    for (Walk walk : walks) {
      measure(walk, 0, 0);
      if (walk == Walk::Range) {
        real.chooseNotation();
        imaginary.chooseNotation();
      }
    }
    real.finish();
    imaginary.finish();
    printAxis(0, 0, 1, kLineWidth);
  }

private:
  enum class Walk { Range, Width };

  int32_t partElement() const {
    return value.element == SYM_ELEMENT_C64    ? int32_t(SYM_ELEMENT_F32)
           : value.element == SYM_ELEMENT_C128 ? int32_t(SYM_ELEMENT_F64)
                                               : value.element;
  }
  const char *at(int64_t offset) const {
    return static_cast<const char *>(value.data) + offset * info.size;
  }
  double realPart(int64_t offset) const {
    return loadFloat(at(offset), partElement());
  }
  double imaginaryPart(int64_t offset) const {
    return loadFloat(at(offset) + info.size / 2, partElement());
  }

  void measureElement(Walk walk, int64_t offset) {
    switch (info.kind) {
    case ElementClass::Complex:
    case ElementClass::Float: {
      double re = realPart(offset);
      walk == Walk::Range ? real.measureRange(re) : real.measureWidth(re);
      if (info.kind == ElementClass::Float)
        break;
      double im = imaginaryPart(offset);
      walk == Walk::Range ? imaginary.measureRange(im)
                          : imaginary.measureWidth(im);
      break;
    }
    case ElementClass::Signed:
    case ElementClass::Unsigned: {
      char text[48];
      integerWidth = maxInt(integerWidth, integerAt(offset, text));
      break;
    }
    default:
      break;
    }
  }
  int integerAt(int64_t offset, char *text) const {
    return integerText(loadInteger(at(offset), value.element),
                       info.kind == ElementClass::Unsigned, text);
  }

  /// Calls for every entry of an axis that is shown.
  template <typename Fn> void forShown(int axis, Fn fn) {
    int64_t size = value.sizes[axis];
    bool cut = summary && size > 2 * kEdge;
    for (int64_t i = 0; i < size; ++i) {
      if (cut && i == kEdge)
        i = size - kEdge;
      fn(i, cut && i == size - kEdge, i == size - 1);
    }
  }

  void measure(Walk walk, int axis, int64_t offset) {
    if (axis == rank)
      return measureElement(walk, offset);
    forShown(axis, [&](int64_t i, bool, bool) {
      measure(walk, axis + 1, offset + i * strides[axis]);
    });
  }

  void formatElement(int64_t offset, Word &word) const {
    switch (info.kind) {
    case ElementClass::Bool:
      if (loadInteger(at(offset), value.element))
        word.add(" True", 5);
      else
        word.add("False", 5);
      break;
    case ElementClass::Signed:
    case ElementClass::Unsigned: {
      char text[48];
      int length = integerAt(offset, text);
      word.pad(integerWidth - length);
      word.add(text, length);
      break;
    }
    case ElementClass::Complex: {
      real.format(realPart(offset), word);
      Word part;
      imaginary.format(imaginaryPart(offset), part);
      int end = part.length;
      while (end > 0 && part.text[end - 1] == ' ')
        --end;
      word.add(part.text, end);
      word.add('j');
      word.pad(part.length - end);
      break;
    }
    default:
      real.format(realPart(offset), word);
    }
  }

  void printAxis(int axis, int64_t offset, int indent, int width) {
    sink.put('[');
    if (axis == rank - 1)
      printRow(axis, offset, indent, width);
    else
      forShown(axis, [&](int64_t i, bool first, bool last) {
        auto newRow = [&] {
          for (int k = 0; k < rank - axis - 1; ++k)
            sink.put('\n');
          sink.blanks(size_t(indent));
        };
        if (first) {
          sink.put("...", 3);
          newRow();
        }
        printAxis(axis + 1, offset + i * strides[axis], indent + 1, width - 1);
        if (!last)
          newRow();
      });
    sink.put(']');
  }

  /// The last axis: words, wrapped where they would pass the width.
  void printRow(int axis, int64_t offset, int indent, int width) {
    int limit = width - 1; // room for the separator or the bracket
    int line = indent;
    auto extend = [&](const char *text, int length) {
      // A line that holds nothing yet is not broken: it would not help.
      if (line + length > limit && line > indent) {
        sink.put('\n');
        sink.blanks(size_t(indent));
        line = indent;
      }
      sink.put(text, size_t(length));
      line += length;
    };
    forShown(axis, [&](int64_t i, bool first, bool last) {
      if (first) {
        extend("...", 3);
        sink.blanks(1);
        ++line;
      }
      Word word;
      formatElement(offset + i * strides[axis], word);
      extend(word.text, word.length);
      if (!last) {
        sink.blanks(1);
        ++line;
      }
    });
  }

  void printScalar() {
    char text[2 * kFloatTextCapacity];
    int length = 0;
    switch (info.kind) {
    case ElementClass::Bool:
      return loadInteger(value.data, value.element) ? sink.put("True", 4)
                                                    : sink.put("False", 5);
    case ElementClass::Signed:
    case ElementClass::Unsigned:
      length = integerAt(0, text);
      break;
    case ElementClass::Complex: {
      double re = realPart(0), im = imaginaryPart(0);
      // As Python: 2j, but (1+2j) and (-0+2j).
      bool pure = re == 0 && !signbit(re);
      if (!pure) {
        text[length++] = '(';
        length += scalarText(re, partElement(), "", text + length);
        if (isnan(im) || !signbit(im))
          text[length++] = '+';
      }
      length += scalarText(im, partElement(), "", text + length);
      text[length++] = 'j';
      if (!pure)
        text[length++] = ')';
      break;
    }
    default:
      length = scalarText(realPart(0), value.element, ".0", text);
    }
    sink.put(text, size_t(length));
  }

  const sym_tensor &value;
  TextSink &sink;
  const ElementInfo &info;
  FloatColumn real, imaginary;
  int rank;
  int64_t total;
  int64_t strides[kMaxRank];
  int integerWidth = 0;
  bool summary;
};
} // namespace

int sym::rt::integerText(__int128 value, bool isUnsigned, char *out) {
  unsigned __int128 magnitude = static_cast<unsigned __int128>(value);
  bool negative = !isUnsigned && value < 0;
  if (negative)
    magnitude = 0 - magnitude;
  char reversed[40];
  int count = 0;
  do {
    reversed[count++] = char('0' + int(magnitude % 10));
    magnitude /= 10;
  } while (magnitude);
  int length = 0;
  if (negative)
    out[length++] = '-';
  while (count)
    out[length++] = reversed[--count];
  return length;
}

size_t sym_format(const sym_tensor *value, char *out, size_t capacity) {
  TextSink sink(out, capacity);
  if (value->space != SYM_SPACE_HOST) {
    // Not fetched: nothing that prints fails, or waits.
    const char *text = "<an array on a device>";
    sink.put(text, strlen(text));
    return sink.finish();
  }
  const ElementInfo &info = elementInfo(value->element);
  bool printable = info.size && value->element != SYM_ELEMENT_F80 &&
                   value->element != SYM_ELEMENT_F128;
  if (!printable || value->rank < 0 || value->rank > kMaxRank) {
    const char *name = elementName(value->element);
    sink.put('<');
    sink.put(name, strlen(name));
    sink.put('>');
    return sink.finish();
  }
  Printer(*value, sink).run();
  return sink.finish();
}
