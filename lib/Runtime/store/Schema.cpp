//===- Schema.cpp - What an .npz file says about its variables ------------===//

#include "Schema.h"
#include "../base/TextCursor.h"

#include <stdio.h>

using namespace sym::rt;

namespace sym::rt {
/// A reader of the JSON that writeSchema writes and of what a person may make
/// of it: any order, any blanks, unknown keys skipped.
class SchemaParser {
public:
  SchemaParser(Schema &schema, const char *text, int64_t length)
      : schema(schema), cursor(text, size_t(length)) {}

  /// Null on success, otherwise what is wrong; "" when memory is short.
  const char *parse(int64_t *version) {
    const char *problem = parseText(version);
    return noMemory ? "" : problem;
  }

private:
  const char *parseText(int64_t *version) {
    bool format = false, variables = false;
    *version = -1;
    const char *problem =
        object([&](const char *key, int64_t length) -> const char * {
          if (is(key, length, "format")) {
            int64_t at;
            int32_t n;
            if (!string(&at, &n) || !is(&schema.texts[at], n, "sym"))
              return "its format is not \"sym\"";
            format = true;
            return nullptr;
          }
          if (is(key, length, "version"))
            return integer(version) ? nullptr : "its version is not a number";
          if (is(key, length, "variables")) {
            variables = true;
            return array([&] { return variable(); });
          }
          return skip(0) ? nullptr : "it is not JSON";
        });
    if (problem)
      return problem;
    if (!cursor.atEnd())
      return "there is text behind it";
    return format && variables && *version >= 0 ? nullptr : "a key is missing";
  }
  static bool is(const char *text, int64_t length, const char *word) {
    return isWord(text, size_t(length), word);
  }
  bool accept(char c) { return cursor.accept(c); }
  bool word(const char *text) { return cursor.word(text); }
  bool integer(int64_t *out) {
    return cursor.number(out) == TextCursor::Number::Read;
  }
  bool emit(const char *bytes, int count, int32_t *length) {
    *length += count;
    noMemory = noMemory || !schema.texts.append(bytes, count);
    return !noMemory;
  }
  bool hex4(uint32_t *out) {
    *out = 0;
    for (int i = 0; i < 4; ++i) {
      char c;
      if (!cursor.take(&c))
        return false;
      int digit = c >= '0' && c <= '9'   ? c - '0'
                  : c >= 'a' && c <= 'f' ? c - 'a' + 10
                  : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                         : -1;
      if (digit < 0)
        return false;
      *out = *out * 16 + uint32_t(digit);
    }
    return true;
  }
  /// Decodes a string into the schema's texts.
  bool string(int64_t *at, int32_t *length) {
    if (!accept('"'))
      return false;
    *at = schema.texts.size();
    *length = 0;
    for (char c;;) {
      if (!cursor.take(&c) || uint8_t(c) < 0x20)
        return false;
      if (c == '"')
        return true;
      if (c != '\\') {
        if (!emit(&c, 1, length))
          return false;
        continue;
      }
      if (!cursor.take(&c))
        return false;
      if (c == 'u') {
        uint32_t code, low;
        if (!hex4(&code))
          return false;
        if (code >= 0xd800 && code < 0xdc00) {
          char slash, u;
          if (!cursor.take(&slash) || slash != '\\' || !cursor.take(&u) ||
              u != 'u' || !hex4(&low) || low < 0xdc00 || low >= 0xe000)
            return false;
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        char utf[4];
        int n = 0;
        if (code < 0x80) {
          utf[n++] = char(code);
        } else if (code < 0x800) {
          utf[n++] = char(0xc0 | code >> 6);
          utf[n++] = char(0x80 | (code & 0x3f));
        } else if (code < 0x10000) {
          utf[n++] = char(0xe0 | code >> 12);
          utf[n++] = char(0x80 | (code >> 6 & 0x3f));
          utf[n++] = char(0x80 | (code & 0x3f));
        } else {
          utf[n++] = char(0xf0 | code >> 18);
          utf[n++] = char(0x80 | (code >> 12 & 0x3f));
          utf[n++] = char(0x80 | (code >> 6 & 0x3f));
          utf[n++] = char(0x80 | (code & 0x3f));
        }
        if (!emit(utf, n, length))
          return false;
        continue;
      }
      const char *from = "\"\\/bfnrt", *to = "\"\\/\b\f\n\r\t";
      const char *found = strchr(from, c);
      if (!c || !found || !emit(to + (found - from), 1, length))
        return false;
    }
  }

  template <typename Fn> const char *object(Fn entry) {
    if (!accept('{'))
      return "it is not JSON";
    if (accept('}'))
      return nullptr;
    do {
      int64_t at;
      int32_t length;
      if (!string(&at, &length) || !accept(':'))
        return "it is not JSON";
      char key[32];
      int64_t kept = length < int32_t(sizeof(key)) ? length : 0;
      if (kept)
        memcpy(key, &schema.texts[at], size_t(kept));
      if (const char *problem = entry(key, kept))
        return problem;
    } while (accept(','));
    return accept('}') ? nullptr : "it is not JSON";
  }
  template <typename Fn> const char *array(Fn item) {
    if (!accept('['))
      return "it is not JSON";
    if (accept(']'))
      return nullptr;
    do {
      if (const char *problem = item())
        return problem;
    } while (accept(','));
    return accept(']') ? nullptr : "it is not JSON";
  }
  /// Any value of bounded nesting.
  bool skip(int depth) {
    if (depth > 16)
      return false;
    int64_t at;
    int32_t length;
    switch (cursor.peek()) {
    case -1:
      return false;
    case '"':
      return string(&at, &length);
    case '{':
      return !object([&](const char *, int64_t) {
        return skip(depth + 1) ? nullptr : "";
      });
    case '[':
      return !array([&] { return skip(depth + 1) ? nullptr : ""; });
    default:
      return word("true") || word("false") || word("null") || skipNumber();
    }
  }
  /// Roughly a number: nobody reads it.
  bool skipNumber() {
    const char *start = cursor.position();
    auto belongs = [](int c) {
      return (c >= '0' && c <= '9') || (c > 0 && strchr("+-.eE", c));
    };
    for (char c; belongs(cursor.look());)
      cursor.take(&c);
    return cursor.position() != start;
  }

  const char *variable() {
    SchemaEntry e = {};
    bool name = false, element = false, shape = false;
    const char *problem =
        object([&](const char *key, int64_t length) -> const char * {
          int64_t at;
          int32_t n;
          if (is(key, length, "name")) {
            name = string(&e.name, &e.nameLength);
            return name ? nullptr : "a variable's name is not a text";
          }
          if (is(key, length, "element")) {
            if (!string(&at, &n))
              return "a variable's element is not a text";
            e.element = n ? elementByName(&schema.texts[at], size_t(n)) : 0;
            element = e.element != 0;
            return element ? nullptr : "a variable's element type is unknown";
          }
          if (is(key, length, "shape")) {
            shape = true;
            if (word("null")) {
              e.rank = -1;
              return nullptr;
            }
            return array([&]() -> const char * {
              if (e.rank == kMaxRank)
                return "a variable has too many dimensions";
              return integer(&e.sizes[e.rank++]) ? nullptr
                                                 : "a size is not a number";
            });
          }
          return skip(0) ? nullptr : "it is not JSON";
        });
    if (problem)
      return problem;
    if (!name || !element || !shape)
      return "a variable lacks a key";
    noMemory = !schema.entries.push(e);
    return noMemory ? "" : nullptr;
  }

  Schema &schema;
  TextCursor cursor;
  bool noMemory = false;
};
} // namespace sym::rt

sym_status Schema::parse(const char *text, int64_t length, const char *what) {
  int64_t version;
  const char *problem = SchemaParser(*this, text, length).parse(&version);
  if (problem && !*problem)
    return lastStatus();
  if (problem)
    return fail(SYM_BAD_FORMAT, "%s: the entry %s: %s", what, kSchemaName,
                problem);
  if (version > kSchemaVersion)
    return fail(SYM_BAD_FORMAT,
                "%s: the file has version %lld, this runtime reads up to %d",
                what, (long long)version, kSchemaVersion);
  return SYM_OK;
}

const SchemaEntry *Schema::find(const char *name, size_t length) const {
  for (int64_t i = 0; i < entries.size(); ++i)
    if (size_t(entries[i].nameLength) == length &&
        (length == 0 || memcmp(&texts[entries[i].name], name, length) == 0))
      return &entries[i];
  return nullptr;
}

bool sym::rt::writeSchema(Variable *const *variables, Buffer *const *values,
                          int count, Vector<char> &out) {
  bool good = true;
  auto add = [&](const char *text) {
    good = good && out.append(text, int64_t(strlen(text)));
  };
  char number[32];
  snprintf(number, sizeof(number), "%d", kSchemaVersion);
  add("{\"format\": \"sym\", \"version\": ");
  add(number);
  add(", \"variables\": [");
  for (int i = 0; i < count; ++i) {
    add(i ? ", {\"name\": \"" : "{\"name\": \"");
    for (const char *p = variables[i]->name; *p; ++p) {
      char text[8] = {*p, 0};
      if (*p == '"' || *p == '\\')
        snprintf(text, sizeof(text), "\\%c", *p);
      else if (uint8_t(*p) < 0x20)
        snprintf(text, sizeof(text), "\\u%04x", unsigned(*p));
      add(text);
    }
    add("\", \"element\": \"");
    add(elementName(variables[i]->type.element));
    add("\", \"shape\": ");
    if (const Buffer *value = values[i]) {
      add("[");
      for (int k = 0; k < value->rank; ++k) {
        snprintf(number, sizeof(number), "%s%lld", k ? ", " : "",
                 (long long)value->sizes[k]);
        add(number);
      }
      add("]}");
    } else {
      add("null}");
    }
  }
  add("]}");
  return good;
}
