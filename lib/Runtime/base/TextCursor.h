//===- TextCursor.h - Reading small texts -----------------------*- C++ -*-===//
//
// What the readers of files' texts (an array's header, an archive's schema)
// share: a place in a text of known length, over which one steps token by
// token. Blanks in front of a token are skipped; a zero byte is a character
// like any other and no token begins with one. Owned by its user; one thread;
// the text must outlive it.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_BASE_TEXTCURSOR_H
#define SYM_LIB_RUNTIME_BASE_TEXTCURSOR_H

#include "Checked.h"

#include <string.h>

namespace sym::rt {

/// Whether the `length` bytes at `text` are `word`.
inline bool isWord(const char *text, size_t length, const char *word) {
  return strlen(word) == length &&
         (length == 0 || memcmp(text, word, length) == 0);
}

class TextCursor {
public:
  TextCursor(const char *text, size_t length)
      : next(text), end(text + length) {}

  /// Whether nothing but blanks is left.
  bool atEnd() {
    blanks();
    return next == end;
  }
  /// The first character of the next token; -1 at the end.
  int peek() {
    blanks();
    return look();
  }

  // The following step over what they are named for, and answer false, where
  // something else stands there, without a step.

  bool accept(char c) {
    if (peek() != static_cast<unsigned char>(c))
      return false;
    ++next;
    return true;
  }
  bool word(const char *text) {
    blanks();
    size_t length = strlen(text);
    if (size_t(end - next) < length || memcmp(next, text, length) != 0)
      return false;
    next += length;
    return true;
  }

  enum class Number { Read, Missing, TooLarge };
  /// A number without a sign. One that exceeds 63 bits is not stepped over.
  Number number(int64_t *out) {
    blanks();
    const char *at = next;
    int64_t value = 0;
    for (; at != end && *at >= '0' && *at <= '9'; ++at)
      if (!checkedMul(value, 10, &value) ||
          !checkedAdd(value, *at - '0', &value))
        return Number::TooLarge;
    if (at == next)
      return Number::Missing;
    next = at;
    *out = value;
    return Number::Read;
  }

  // Within a token: character by character, blanks included.

  /// The next character; -1 at the end.
  int look() const {
    return next == end ? -1 : static_cast<unsigned char>(*next);
  }
  /// Steps over one character into `c`; false at the end.
  bool take(char *c) {
    if (next == end)
      return false;
    *c = *next++;
    return true;
  }
  /// Where the cursor stands.
  const char *position() const { return next; }

private:
  void blanks() {
    while (next != end &&
           (*next == ' ' || *next == '\n' || *next == '\t' || *next == '\r'))
      ++next;
  }
  const char *next, *end;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_BASE_TEXTCURSOR_H
