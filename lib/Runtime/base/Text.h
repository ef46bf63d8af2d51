//===- Text.h - Writing text into what room there is ------------*- C++ -*-===//
//
// A sink that counts all of the text and stores as much of it as fits, the way
// snprintf does. Trailing blanks of a line are held back until something
// follows them, so that a line never ends in blanks. Owned by its user; one
// thread; nothing fails.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_BASE_TEXT_H
#define SYM_LIB_RUNTIME_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

namespace sym::rt {

class TextSink {
public:
  TextSink(char *out, size_t capacity) : out(out), capacity(capacity) {}

  void blanks(size_t count) { held += count; }
  void put(const char *text, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      if (text[i] == ' ') {
        ++held;
        continue;
      }
      if (text[i] == '\n')
        held = 0;
      for (; held; --held)
        store(' ');
      store(text[i]);
    }
  }
  void put(char c) { put(&c, 1); }

  /// Ends the text with a zero and returns its whole length.
  size_t finish() {
    if (capacity)
      out[length < capacity ? length : capacity - 1] = 0;
    return length;
  }

private:
  void store(char c) {
    if (length + 1 < capacity)
      out[length] = c;
    ++length;
  }
  char *out;
  size_t capacity;
  size_t length = 0;
  size_t held = 0;
};

/// Decimal digits of a 128-bit integer; returns the length. `out` has room for
/// 41 characters.
int integerText(__int128 value, bool isUnsigned, char *out);

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_BASE_TEXT_H
