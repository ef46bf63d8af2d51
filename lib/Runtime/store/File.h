//===- File.h - Files that are read, and files that replace -----*- C++ -*-===//
//
// One thread per object. A failure records a status that names the file.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_FILE_H
#define SYM_LIB_RUNTIME_STORE_FILE_H

#include "Buffer.h"

#include <pthread.h>

namespace sym::rt {

/// Puts off the cancellation of the thread (pthread_cancel) to the end of the
/// scope: file operations and printing are points where it could strike, and
/// nothing would be released.
class NoCancellation {
public:
  NoCancellation() { pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before); }
  ~NoCancellation() { pthread_setcancelstate(before, nullptr); }
  NoCancellation(const NoCancellation &) = delete;
  NoCancellation &operator=(const NoCancellation &) = delete;

private:
  int before;
};

/// Bytes in order, from a file or from an entry of an archive.
class ByteSource {
public:
  /// Reads exactly `count` bytes; fewer are SYM_BAD_FORMAT.
  virtual sym_status read(void *out, size_t count) = 0;

protected:
  ~ByteSource() = default;
};

class InputFile {
public:
  InputFile() = default;
  ~InputFile();
  InputFile(const InputFile &) = delete;
  InputFile &operator=(const InputFile &) = delete;

  sym_status open(const char *path);
  /// Reads exactly `count` bytes at `offset`.
  sym_status readAt(uint64_t offset, void *out, size_t count);
  uint64_t size() const { return fileSize; }
  const char *path() const { return name; }

private:
  int descriptor = -1;
  uint64_t fileSize = 0;
  const char *name = "";
};

/// Reads a file from its start.
class FileSource final : public ByteSource {
public:
  explicit FileSource(InputFile &file) : file(file) {}
  sym_status read(void *out, size_t count) override;
  uint64_t position() const { return offset; }

private:
  InputFile &file;
  uint64_t offset = 0;
};

/// Writes a file beside `path` and puts it in that place only when it is whole
/// and on the disk: after a crash the old or the new file is there.
class ReplacingFile {
public:
  ReplacingFile() = default;
  /// Removes the new file unless commit has succeeded.
  ~ReplacingFile();
  ReplacingFile(const ReplacingFile &) = delete;
  ReplacingFile &operator=(const ReplacingFile &) = delete;

  sym_status open(const char *path);
  sym_status write(const void *data, size_t count);
  /// Syncs, renames, syncs the directory.
  sym_status commit();
  uint64_t position() const { return offset; }

private:
  static constexpr size_t kMaxPath = 4096;
  sym_status failed(const char *what);
  int descriptor = -1;
  uint64_t offset = 0;
  char finalPath[kMaxPath];
  char temporaryPath[kMaxPath + 64];
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_FILE_H
