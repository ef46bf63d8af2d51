//===- Zip.h - The part of the zip format that .npz files use ---*- C++ -*-===//
//
// Entries stored or deflated, with or without the 64-bit extension. Our own
// reader, because the packaged ones either trust their input or are larger
// than the rest of the runtime; the compression itself is zlib's.
//
// Nothing in the file is believed before it is checked against the file's
// size; what is not understood is SYM_BAD_FORMAT. One thread per object.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_ZIP_H
#define SYM_LIB_RUNTIME_STORE_ZIP_H

#include "../memory/Vector.h"
#include "File.h"

typedef struct z_stream_s z_stream;

namespace sym::rt {

struct ZipEntry {
  const char *name; ///< not terminated
  uint32_t nameLength;
  uint32_t method;
  uint32_t crc;
  uint64_t compressedSize;
  uint64_t size;
  uint64_t headerOffset;
};

class ZipReader {
public:
  explicit ZipReader(InputFile &file) : file(file) {}
  ~ZipReader() { deallocate(directory, directoryBytes); }
  /// Reads the table of contents.
  sym_status open();
  Vector<ZipEntry> &entries() { return list; }
  InputFile &input() { return file; }

private:
  sym_status findDirectory(uint64_t *offset, uint64_t *bytes, uint64_t *count);
  sym_status bad(const char *what);
  InputFile &file;
  char *directory = nullptr;
  int64_t directoryBytes = 0;
  Vector<ZipEntry> list;
};

/// Reads one entry from its start, and checks it at its end.
class ZipEntrySource final : public ByteSource {
public:
  ZipEntrySource(ZipReader &zip, const ZipEntry &entry)
      : file(zip.input()), entry(entry) {}
  ~ZipEntrySource();
  sym_status open();
  sym_status read(void *out, size_t count) override;
  /// All bytes must have been read; their checksum must be right.
  sym_status finish();

private:
  sym_status bad(const char *what);
  sym_status inflateSome(void *out, size_t count);
  InputFile &file;
  const ZipEntry &entry;
  uint64_t next = 0, end = 0; ///< of the compressed bytes, in the file
  uint64_t produced = 0;
  uint32_t crc = 0;
  z_stream *stream = nullptr;
  char *input = nullptr;
};

class ZipWriter {
public:
  explicit ZipWriter(ReplacingFile &file) : file(file) {}
  /// Stores an entry that consists of two pieces. The name outlives the writer.
  sym_status add(const char *name, const void *head, size_t headBytes,
                 const void *body, size_t bodyBytes);
  /// Writes the table of contents.
  sym_status finish();

private:
  ReplacingFile &file;
  Vector<ZipEntry> list;
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_ZIP_H
