//===- Zip.cpp - The part of the zip format that .npz files use -----------===//

#include "Zip.h"

#include <new>
#include <string.h>
#include <zlib.h>

using namespace sym::rt;

namespace {
constexpr uint32_t kLocalMark = 0x04034b50;
constexpr uint32_t kCentralMark = 0x02014b50;
constexpr uint32_t kEndMark = 0x06054b50;
constexpr uint32_t kEnd64Mark = 0x06064b50;
constexpr uint32_t kLocator64Mark = 0x07064b50;
constexpr uint64_t kEndBytes = 22, kEnd64Bytes = 56, kLocator64Bytes = 20;
constexpr uint64_t kCentralBytes = 46, kLocalBytes = 30;
constexpr uint64_t kMaxDirectory = 64 << 20;
constexpr uint64_t kInputBytes = 64 << 10;
constexpr uint32_t kStored = 0, kDeflated = 8;
constexpr uint32_t kAll32 = 0xffffffff;
constexpr uint16_t kDate = (0 << 9) | (1 << 5) | 1; // 1980-01-01: same bytes
                                                    // for the same values

uint32_t load16(const char *p) {
  return uint32_t(uint8_t(p[0])) | uint32_t(uint8_t(p[1])) << 8;
}
uint32_t load32(const char *p) { return load16(p) | load16(p + 2) << 16; }
uint64_t load64(const char *p) {
  return load32(p) | uint64_t(load32(p + 4)) << 32;
}

/// The checksum over any number of bytes; zlib counts in 32 bits.
uint32_t checksum(uint32_t crc, const void *data, uint64_t bytes) {
  const auto *p = static_cast<const Bytef *>(data);
  while (bytes) {
    uInt step = uInt(bytes < (1u << 30) ? bytes : (1u << 30));
    crc = uint32_t(crc32(crc, p, step));
    p += step;
    bytes -= step;
  }
  return crc;
}
} // namespace

//===----------------------------------------------------------------------===//
// The table of contents
//===----------------------------------------------------------------------===//

sym_status ZipReader::bad(const char *what) {
  return fail(SYM_BAD_FORMAT, "%s: %s", file.path(), what);
}

sym_status ZipReader::findDirectory(uint64_t *offset, uint64_t *bytes,
                                    uint64_t *count) {
  // The end record is the last thing, before a comment of up to 64 KB.
  uint64_t tailBytes =
      file.size() < kEndBytes + 65535 ? file.size() : kEndBytes + 65535;
  if (tailBytes < kEndBytes)
    return bad("too short to be an archive");
  char *tail = static_cast<char *>(allocate(int64_t(tailBytes)));
  if (!tail)
    return lastStatus();
  uint64_t tailStart = file.size() - tailBytes;
  sym_status status = file.readAt(tailStart, tail, tailBytes);
  int64_t at = -1;
  for (int64_t i = int64_t(tailBytes - kEndBytes); !status && i >= 0; --i)
    if (load32(tail + i) == kEndMark &&
        load16(tail + i + 20) == tailBytes - kEndBytes - uint64_t(i)) {
      at = i;
      break;
    }
  uint64_t endOffset = tailStart + uint64_t(at);
  if (!status && at < 0)
    status = bad("not an archive, or its end is missing");
  if (!status) {
    const char *end = tail + at;
    if (load16(end + 4) || load16(end + 6) ||
        load16(end + 8) != load16(end + 10))
      status = bad("archives in several parts are not supported");
    *count = load16(end + 10);
    *bytes = load32(end + 12);
    *offset = load32(end + 16);
  }
  deallocate(tail, int64_t(tailBytes));
  if (status)
    return status;

  if (*count == 0xffff || *bytes == kAll32 || *offset == kAll32) {
    char locator[kLocator64Bytes], end[kEnd64Bytes];
    if (endOffset < kLocator64Bytes)
      return bad("the 64-bit end record is missing");
    if (sym_status s =
            file.readAt(endOffset - kLocator64Bytes, locator, sizeof(locator)))
      return s;
    if (load32(locator) != kLocator64Mark)
      return bad("the 64-bit end record is missing");
    uint64_t where = load64(locator + 8);
    if (where > endOffset)
      return bad("the 64-bit end record is misplaced");
    if (sym_status s = file.readAt(where, end, sizeof(end)))
      return s;
    if (load32(end) != kEnd64Mark || load64(end + 24) != load64(end + 32))
      return bad("the 64-bit end record is damaged");
    *count = load64(end + 32);
    *bytes = load64(end + 40);
    *offset = load64(end + 48);
    endOffset = where;
  }
  if (*bytes > endOffset || *offset != endOffset - *bytes)
    return bad("the table of contents is misplaced");
  if (*bytes > kMaxDirectory || *count > *bytes / kCentralBytes)
    return bad("the table of contents has an impossible size");
  return SYM_OK;
}

sym_status ZipReader::open() {
  uint64_t offset, bytes, count;
  if (sym_status s = findDirectory(&offset, &bytes, &count))
    return s;
  directory = static_cast<char *>(allocate(int64_t(bytes)));
  directoryBytes = int64_t(bytes);
  if (!directory)
    return lastStatus();
  if (sym_status s = file.readAt(offset, directory, bytes))
    return s;
  const char *p = directory, *end = directory + bytes;
  for (uint64_t i = 0; i < count; ++i) {
    if (uint64_t(end - p) < kCentralBytes || load32(p) != kCentralMark)
      return bad("the table of contents is damaged");
    uint64_t nameLength = load16(p + 28), extraLength = load16(p + 30),
             commentLength = load16(p + 32);
    if (uint64_t(end - p) - kCentralBytes <
        nameLength + extraLength + commentLength)
      return bad("the table of contents is damaged");
    ZipEntry entry;
    entry.name = p + kCentralBytes;
    entry.nameLength = uint32_t(nameLength);
    entry.method = load16(p + 10);
    entry.crc = load32(p + 16);
    entry.compressedSize = load32(p + 20);
    entry.size = load32(p + 24);
    entry.headerOffset = load32(p + 42);
    if (load16(p + 8) & 1)
      return bad("encrypted entries are not supported");
    // The 64-bit extension holds, in this order, what did not fit.
    const char *extra = entry.name + nameLength,
               *extraEnd = extra + extraLength;
    while (extraEnd - extra >= 4) {
      uint64_t length = load16(extra + 2);
      if (uint64_t(extraEnd - extra) - 4 < length)
        return bad("an extension in the table of contents is damaged");
      const char *value = extra + 4, *valueEnd = value + length;
      if (load16(extra) == 1) {
        uint64_t *fields[] = {&entry.size, &entry.compressedSize,
                              &entry.headerOffset};
        for (uint64_t *field : fields) {
          if (*field != kAll32)
            continue;
          if (valueEnd - value < 8)
            return bad("an extension in the table of contents is damaged");
          *field = load64(value);
          value += 8;
        }
      }
      extra = valueEnd;
    }
    if (entry.headerOffset > offset || entry.compressedSize > offset)
      return bad("an entry lies outside the file");
    if (!list.push(entry))
      return lastStatus();
    p += kCentralBytes + nameLength + extraLength + commentLength;
  }
  if (p != end)
    return bad("the table of contents is damaged");
  return SYM_OK;
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

// zlib's memory is the pool's, under the pool's cap. zlib does not say how
// large a block is that it frees: the size lies in front.
static void *allocateForZlib(void *, unsigned count, unsigned size) {
  int64_t bytes = int64_t(count) * int64_t(size) + SYM_BUFFER_ALIGNMENT;
  char *block = static_cast<char *>(allocate(bytes));
  if (!block)
    return nullptr;
  memcpy(block, &bytes, sizeof(bytes));
  return block + SYM_BUFFER_ALIGNMENT;
}

static void freeForZlib(void *, void *data) {
  char *block = static_cast<char *>(data) - SYM_BUFFER_ALIGNMENT;
  int64_t bytes;
  memcpy(&bytes, block, sizeof(bytes));
  deallocate(block, bytes);
}

ZipEntrySource::~ZipEntrySource() {
  if (stream) {
    inflateEnd(stream);
    deallocate(stream, sizeof(z_stream));
  }
  deallocate(input, int64_t(kInputBytes));
}

sym_status ZipEntrySource::bad(const char *what) {
  return fail(SYM_BAD_FORMAT, "%s: entry '%.*s': %s", file.path(),
              int(entry.nameLength < 200 ? entry.nameLength : 200), entry.name,
              what);
}

sym_status ZipEntrySource::open() {
  char header[kLocalBytes];
  if (sym_status s = file.readAt(entry.headerOffset, header, sizeof(header)))
    return s;
  uint64_t nameLength = load16(header + 26), extraLength = load16(header + 28);
  if (load32(header) != kLocalMark || nameLength != entry.nameLength ||
      load16(header + 8) != entry.method)
    return bad("its header does not match the table of contents");
  char name[256];
  for (uint64_t at = 0; at < nameLength; at += sizeof(name)) {
    uint64_t step =
        nameLength - at < sizeof(name) ? nameLength - at : sizeof(name);
    if (sym_status s =
            file.readAt(entry.headerOffset + kLocalBytes + at, name, step))
      return s;
    if (memcmp(name, entry.name + at, step) != 0)
      return bad("its header does not match the table of contents");
  }
  next = entry.headerOffset + kLocalBytes + nameLength + extraLength;
  if (next > file.size() || entry.compressedSize > file.size() - next)
    return bad("it is cut short");
  end = next + entry.compressedSize;
  if (entry.method == kStored) {
    if (entry.size != entry.compressedSize)
      return bad("its sizes contradict each other");
    return SYM_OK;
  }
  if (entry.method != kDeflated)
    return bad("its compression method is not supported");
  // No deflated stream grows by more than 1032; a claim beyond that would only
  // make us ask for memory.
  if (entry.size / 1032 > entry.compressedSize + 1)
    return bad("its sizes contradict each other");
  input = static_cast<char *>(allocate(int64_t(kInputBytes)));
  void *memory = input ? allocate(sizeof(z_stream)) : nullptr;
  if (!memory)
    return lastStatus();
  memset(memory, 0, sizeof(z_stream));
  stream = static_cast<z_stream *>(memory);
  stream->zalloc = allocateForZlib;
  stream->zfree = freeForZlib;
  if (inflateInit2(stream, -15) != Z_OK)
    return lastStatus();
  return SYM_OK;
}

sym_status ZipEntrySource::inflateSome(void *out, size_t count) {
  char *to = static_cast<char *>(out);
  while (count) {
    if (stream->avail_in == 0 && next < end) {
      uint64_t step = end - next < kInputBytes ? end - next : kInputBytes;
      if (sym_status s = file.readAt(next, input, step))
        return s;
      next += step;
      stream->next_in = reinterpret_cast<Bytef *>(input);
      stream->avail_in = uInt(step);
    }
    size_t step = count < (size_t(1) << 30) ? count : size_t(1) << 30;
    stream->next_out = reinterpret_cast<Bytef *>(to);
    stream->avail_out = uInt(step);
    int code = inflate(stream, Z_NO_FLUSH);
    size_t got = step - stream->avail_out;
    to += got;
    count -= got;
    if (code == Z_MEM_ERROR)
      return fail(SYM_OUT_OF_MEMORY, "%s: no memory to decompress",
                  file.path());
    if ((code != Z_OK && code != Z_STREAM_END) ||
        (count && (code == Z_STREAM_END ||
                   (got == 0 && stream->avail_in == 0 && next == end))))
      return bad("its compressed data are damaged");
  }
  return SYM_OK;
}

sym_status ZipEntrySource::read(void *out, size_t count) {
  if (count > entry.size - produced)
    return bad("it is shorter than its content needs");
  sym_status status = SYM_OK;
  if (entry.method == kStored) {
    status = file.readAt(next, out, count);
    next += count;
  } else {
    status = inflateSome(out, count);
  }
  if (status)
    return status;
  produced += count;
  crc = checksum(crc, out, count);
  return SYM_OK;
}

sym_status ZipEntrySource::finish() {
  if (produced != entry.size)
    return bad("it is longer than its content needs");
  if (crc != entry.crc)
    return bad("its checksum is wrong");
  if (stream) {
    // The stream must end here, and with it the compressed bytes.
    char none;
    for (int tries = 0; tries < 4; ++tries) {
      if (stream->avail_in == 0 && next < end) {
        uint64_t step = end - next < kInputBytes ? end - next : kInputBytes;
        if (sym_status s = file.readAt(next, input, step))
          return s;
        next += step;
        stream->next_in = reinterpret_cast<Bytef *>(input);
        stream->avail_in = uInt(step);
      }
      stream->next_out = reinterpret_cast<Bytef *>(&none);
      stream->avail_out = 1;
      int code = inflate(stream, Z_NO_FLUSH);
      if (stream->avail_out == 0)
        break;
      if (code == Z_STREAM_END)
        return stream->avail_in == 0 && next == end
                   ? sym_status(SYM_OK)
                   : bad("there are bytes behind its compressed data");
      if (code != Z_OK)
        break;
    }
    return bad("its compressed data are damaged");
  }
  return SYM_OK;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

namespace {
/// A record of the format, field by field.
class RecordWriter {
public:
  void put(uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
      data[length++] = char(value >> (8 * i));
  }
  char data[128];
  size_t length = 0;
};

uint64_t clip(uint64_t value) { return value < kAll32 ? value : kAll32; }
bool isAscii(const char *text) {
  for (; *text; ++text)
    if (*text & 0x80)
      return false;
  return true;
}

/// The fields that the local and the central header share.
void putCommon(RecordWriter &r, const ZipEntry &e, int extraBytes) {
  bool wide = e.size >= kAll32;
  r.put(wide || e.headerOffset >= kAll32 ? 45 : 20, 2); // version needed
  r.put(isAscii(e.name) ? 0 : 0x800, 2);                // names are UTF-8
  r.put(kStored, 2);
  r.put(0, 2);
  r.put(kDate, 2);
  r.put(e.crc, 4);
  r.put(clip(e.size), 4);
  r.put(clip(e.size), 4);
  r.put(e.nameLength, 2);
  r.put(uint64_t(extraBytes), 2);
}
} // namespace

sym_status ZipWriter::add(const char *name, const void *head, size_t headBytes,
                          const void *body, size_t bodyBytes) {
  ZipEntry e = {};
  e.name = name;
  e.nameLength = uint32_t(strlen(name));
  e.method = kStored;
  e.size = e.compressedSize = headBytes + bodyBytes;
  e.crc = checksum(checksum(0, head, headBytes), body, bodyBytes);
  e.headerOffset = file.position();
  RecordWriter r;
  bool wide = e.size >= kAll32;
  r.put(kLocalMark, 4);
  putCommon(r, e, wide ? 20 : 0);
  RecordWriter extra;
  if (wide) {
    extra.put(1, 2);
    extra.put(16, 2);
    extra.put(e.size, 8);
    extra.put(e.size, 8);
  }
  sym_status s = file.write(r.data, r.length);
  if (!s)
    s = file.write(name, e.nameLength);
  if (!s)
    s = file.write(extra.data, extra.length);
  if (!s)
    s = file.write(head, headBytes);
  if (!s)
    s = file.write(body, bodyBytes);
  if (!s && !list.push(e))
    s = lastStatus();
  return s;
}

sym_status ZipWriter::finish() {
  uint64_t offset = file.position();
  for (const ZipEntry &e : list) {
    RecordWriter extra;
    bool wide = e.size >= kAll32, far = e.headerOffset >= kAll32;
    if (wide || far) {
      extra.put(1, 2);
      extra.put((wide ? 16 : 0) + (far ? 8 : 0), 2);
      if (wide) {
        extra.put(e.size, 8);
        extra.put(e.size, 8);
      }
      if (far)
        extra.put(e.headerOffset, 8);
    }
    RecordWriter r;
    r.put(kCentralMark, 4);
    r.put(0x031e, 2); // made on Unix, version 3.0
    putCommon(r, e, int(extra.length));
    r.put(0, 2); // comment
    r.put(0, 2); // disk
    r.put(0, 2); // internal attributes
    r.put(uint64_t(0100644) << 16, 4);
    r.put(clip(e.headerOffset), 4);
    sym_status s = file.write(r.data, r.length);
    if (!s)
      s = file.write(e.name, e.nameLength);
    if (!s)
      s = file.write(extra.data, extra.length);
    if (s)
      return s;
  }
  uint64_t bytes = file.position() - offset;
  uint64_t count = uint64_t(list.size());
  RecordWriter r;
  if (count >= 0xffff || bytes >= kAll32 || offset >= kAll32) {
    uint64_t where = file.position();
    r.put(kEnd64Mark, 4);
    r.put(kEnd64Bytes - 12, 8);
    r.put(0x031e, 2);
    r.put(45, 2);
    r.put(0, 4);
    r.put(0, 4);
    r.put(count, 8);
    r.put(count, 8);
    r.put(bytes, 8);
    r.put(offset, 8);
    r.put(kLocator64Mark, 4);
    r.put(0, 4);
    r.put(where, 8);
    r.put(1, 4);
  }
  uint64_t shortCount = count < 0xffff ? count : 0xffff;
  r.put(kEndMark, 4);
  r.put(0, 4);
  r.put(shortCount, 2);
  r.put(shortCount, 2);
  r.put(clip(bytes), 4);
  r.put(clip(offset), 4);
  r.put(0, 2);
  return file.write(r.data, r.length);
}
