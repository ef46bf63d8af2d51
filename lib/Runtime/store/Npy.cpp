//===- Npy.cpp - NumPy's file format for one array ------------------------===//

#include "Npy.h"
#include "../base/TextCursor.h"
#include "Place.h"
#include "Variable.h"

#include <stdio.h>
#include <string.h>

using namespace sym::rt;

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "the files are written in the host's order");

namespace {
/// A header longer than this is not one that any writer of arrays produces.
constexpr uint32_t kMaxHeader = 64 << 10;

/// The Python literal in a header: a dictionary of three entries.
class HeaderParser {
public:
  HeaderParser(const char *text, size_t length) : cursor(text, length) {}

  /// Null on success, otherwise what is wrong.
  const char *parse(NpyHeader *h) {
    bool seen[3] = {};
    if (!cursor.accept('{'))
      return "the header is not a dictionary";
    while (!cursor.accept('}')) {
      const char *key;
      size_t length;
      if (!string(&key, &length) || !cursor.accept(':'))
        return "a key is expected in the header";
      const char *problem = nullptr;
      int which;
      if (isWord(key, length, "descr")) {
        which = 0;
        problem = type(h);
      } else if (isWord(key, length, "fortran_order")) {
        which = 1;
        if (cursor.word("True"))
          h->fortranOrder = true;
        else if (cursor.word("False"))
          h->fortranOrder = false;
        else
          problem = "'fortran_order' is neither True nor False";
      } else if (isWord(key, length, "shape")) {
        which = 2;
        problem = shape(h);
      } else {
        return "the header has an unknown key";
      }
      if (problem)
        return problem;
      if (seen[which])
        return "a key occurs twice in the header";
      seen[which] = true;
      if (!cursor.accept(',') && cursor.peek() != '}')
        return "the header's entries are not separated";
    }
    if (!cursor.atEnd())
      return "there is text behind the header's dictionary";
    if (!seen[0] || !seen[1] || !seen[2])
      return "the header lacks a key";
    return nullptr;
  }

private:
  /// A text without escapes, which no key and no type has.
  bool string(const char **text, size_t *length) {
    int quote = cursor.peek();
    char c;
    if ((quote != '\'' && quote != '"') || !cursor.take(&c))
      return false;
    *text = cursor.position();
    while (cursor.take(&c) && c != '\\')
      if (c == quote) {
        *length = size_t(cursor.position() - *text) - 1;
        return true;
      }
    return false;
  }

  const char *type(NpyHeader *h) {
    const char *text;
    size_t length;
    if (!string(&text, &length))
      return "structured types are not supported";
    if (length >= 2 && text[1] == 'O')
      return "pickled objects are refused";
    if (length < 3 || length > 8)
      return "the type is not supported";
    char order = text[0];
    if (order != '<' && order != '>' && order != '|' && order != '=')
      return "the type has no byte order";
    ++text;
    --length;
    if (text[0] == 'V') {
      int size = 0;
      for (size_t i = 1; i < length; ++i) {
        if (text[i] < '0' || text[i] > '9')
          return "the type is not supported";
        size = size * 10 + (text[i] - '0');
      }
      if (size < 1 || size > 16)
        return "the type is not supported";
      h->element = 0;
      h->itemSize = size;
      h->swapped = false;
      return nullptr;
    }
    for (int32_t code = 1; code <= SYM_ELEMENT_C128; ++code) {
      const ElementInfo &info = elementInfo(code);
      if (!info.numpy || !isWord(text, length, info.numpy))
        continue;
      h->element = code;
      h->itemSize = info.size;
      h->swapped = order == '>' && info.size > 1;
      if (order == '|' && info.size > 1)
        return "the type has no byte order";
      return nullptr;
    }
    return "the type is not supported";
  }

  const char *shape(NpyHeader *h) {
    if (!cursor.accept('('))
      return "'shape' is not a tuple";
    h->rank = 0;
    while (!cursor.accept(')')) {
      int64_t size;
      switch (cursor.number(&size)) {
      case TextCursor::Number::Missing:
        return "a size is not a number";
      case TextCursor::Number::TooLarge:
        return "a size exceeds 63 bits";
      case TextCursor::Number::Read:
        break;
      }
      if (h->rank == kMaxRank)
        return "there are too many dimensions";
      h->sizes[h->rank++] = size;
      if (!cursor.accept(',') && cursor.peek() != ')')
        return "the sizes are not separated";
    }
    return nullptr;
  }

  TextCursor cursor;
};

void swapBytes(char *data, int64_t bytes, int width) {
  for (int64_t i = 0; i < bytes; i += width)
    for (int a = 0, b = width - 1; a < b; ++a, --b) {
      char c = data[i + a];
      data[i + a] = data[i + b];
      data[i + b] = c;
    }
}
} // namespace

sym_status sym::rt::readNpyHeader(ByteSource &source, const char *what,
                                  NpyHeader *header) {
  unsigned char start[12];
  if (sym_status s = source.read(start, 8))
    return s;
  if (memcmp(start, "\x93NUMPY", 6) != 0)
    return fail(SYM_BAD_FORMAT, "%s: not in NumPy's array format", what);
  int major = start[6], minor = start[7];
  if (major < 1 || major > 3 || minor != 0)
    return fail(SYM_BAD_FORMAT, "%s: version %d.%d of the format is unknown",
                what, major, minor);
  int width = major == 1 ? 2 : 4;
  if (sym_status s = source.read(start + 8, size_t(width)))
    return s;
  uint32_t length = 0;
  for (int i = width - 1; i >= 0; --i)
    length = length << 8 | start[8 + i];
  if (length > kMaxHeader)
    return fail(SYM_BAD_FORMAT, "%s: the header of %u bytes exceeds %u", what,
                length, kMaxHeader);
  char *text = static_cast<char *>(allocate(length));
  if (!text)
    return lastStatus();
  sym_status status = source.read(text, length);
  if (!status) {
    header->rank = 0;
    if (const char *problem = HeaderParser(text, length).parse(header))
      status = fail(SYM_BAD_FORMAT, "%s: %s", what, problem);
  }
  deallocate(text, length);
  if (status)
    return status;
  header->headerBytes = 8 + width + int64_t(length);
  if (!checkedBytes(header->itemSize, header->sizes, header->rank,
                    &header->dataBytes))
    return fail(SYM_OVERFLOW, "%s: the size in bytes exceeds 63 bits", what);
  return SYM_OK;
}

sym_status sym::rt::readNpyData(ByteSource &source, const NpyHeader &header,
                                int32_t element, Buffer **out) {
  Buffer *buffer = createBuffer(element, header.rank, header.sizes);
  if (!buffer)
    return lastStatus();
  sym_status status = source.read(buffer->data, size_t(buffer->bytes));
  if (!status && header.swapped) {
    // The two halves of a complex number keep their order.
    bool complex = elementInfo(element).kind == ElementClass::Complex;
    swapBytes(static_cast<char *>(buffer->data), buffer->bytes,
              complex ? header.itemSize / 2 : header.itemSize);
  }
  if (!status && header.fortranOrder && header.rank > 1) {
    int64_t strides[kMaxRank], stride = 1;
    for (int i = 0; i < header.rank; ++i) {
      strides[i] = stride;
      if (!checkedMul(stride, header.sizes[i], &stride))
        stride = 0; // only of an empty array
    }
    sym_tensor view = sym_array_view(buffer);
    view.strides = strides;
    Buffer *rows = copyTensor(view);
    releaseBuffer(buffer);
    buffer = rows;
    if (!rows)
      return lastStatus();
  }
  if (status) {
    releaseBuffer(buffer);
    return status;
  }
  // The files say 0 or 1; a variable of type bool must hold nothing else.
  if (element == SYM_ELEMENT_BOOL)
    for (int64_t i = 0; i < buffer->bytes; ++i) {
      char &byte = static_cast<char *>(buffer->data)[i];
      byte = byte != 0;
    }
  *out = buffer;
  return SYM_OK;
}

int sym::rt::writeNpyHeader(int32_t element, int32_t rank, const int64_t *sizes,
                            char *out) {
  const ElementInfo &info = elementInfo(element);
  char type[16];
  const char *order = info.size > 1 ? "<" : "|";
  if (info.numpy)
    snprintf(type, sizeof(type), "%s%s", order, info.numpy);
  else if (info.size <= 8)
    snprintf(type, sizeof(type), "%su%d", order, info.size);
  else
    snprintf(type, sizeof(type), "|V%d", info.size);
  char *text = out + 10;
  int capacity = kNpyHeaderCapacity - 10;
  int n = snprintf(text, size_t(capacity),
                   "{'descr': '%s', 'fortran_order': False, 'shape': (", type);
  for (int i = 0; i < rank; ++i)
    n += snprintf(text + n, size_t(capacity - n), "%s%lld", i ? ", " : "",
                  (long long)sizes[i]);
  n += snprintf(text + n, size_t(capacity - n), "%s), }", rank == 1 ? "," : "");
  // The data begin at a multiple of 64; a line feed ends the header.
  while ((10 + n + 1) % 64 != 0)
    text[n++] = ' ';
  text[n++] = '\n';
  memcpy(out, "\x93NUMPY\x01\x00", 8);
  out[8] = char(n & 0xff);
  out[9] = char(n >> 8);
  return 10 + n;
}

//===----------------------------------------------------------------------===//
// Public
//===----------------------------------------------------------------------===//

sym_status sym_npy_load(const char *path, sym_array **out) {
  NoCancellation noCancellation;
  InputFile file;
  if (sym_status s = file.open(path))
    return s;
  FileSource source(file);
  NpyHeader header;
  if (sym_status s = readNpyHeader(source, path, &header))
    return s;
  if (!header.element)
    return fail(SYM_BAD_FORMAT, "%s: raw bytes have no element type", path);
  // Before the memory is asked for: a short file must not cost much.
  if (uint64_t(header.dataBytes) != file.size() - uint64_t(header.headerBytes))
    return fail(SYM_BAD_FORMAT,
                "%s: %lld bytes of data are expected behind the header, found "
                "%lld",
                path, (long long)header.dataBytes,
                (long long)(file.size() - uint64_t(header.headerBytes)));
  return readNpyData(source, header, header.element, out);
}

sym_status sym_npy_save(const char *path, const sym_tensor *value) {
  NoCancellation noCancellation;
  if (sym_status s =
          checkType({value->element, value->rank, value->sizes}, "the value"))
    return s;
  if (!elementInfo(value->element).numpy)
    return fail(SYM_INVALID_ARGUMENT,
                "%s: NumPy has no type for %s; an .npz file can hold it", path,
                elementName(value->element));
  Buffer *dense = copyTensorTo({}, *value);
  if (!dense)
    return lastStatus();
  char header[kNpyHeaderCapacity];
  int length =
      writeNpyHeader(value->element, value->rank, value->sizes, header);
  ReplacingFile file;
  sym_status s = file.open(path);
  if (!s)
    s = file.write(header, size_t(length));
  if (!s)
    s = file.write(dense->data, size_t(dense->bytes));
  if (!s)
    s = file.commit();
  releaseBuffer(dense);
  return s;
}
