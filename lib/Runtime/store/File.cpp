//===- File.cpp - Files that are read, and files that replace -------------===//

#include "File.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace sym::rt;

namespace {
sym_status failWithErrno(const char *path, const char *what) {
  char text[128];
  int code = errno;
  // The GNU form of strerror_r; it never fails.
  const char *reason = strerror_r(code, text, sizeof(text));
  return fail(SYM_IO_ERROR, "%s: cannot %s: %s", path, what, reason);
}

template <typename Fn> auto retry(Fn fn) {
  for (;;) {
    auto result = fn();
    if (result >= 0 || errno != EINTR)
      return result;
  }
}
} // namespace

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

InputFile::~InputFile() {
  if (descriptor >= 0)
    close(descriptor);
}

sym_status InputFile::open(const char *path) {
  name = path;
  descriptor = retry([&] { return ::open(path, O_RDONLY | O_CLOEXEC); });
  if (descriptor < 0)
    return failWithErrno(path, "open");
  struct stat info;
  if (fstat(descriptor, &info) != 0)
    return failWithErrno(path, "stat");
  if (!S_ISREG(info.st_mode))
    return fail(SYM_IO_ERROR, "%s: not a regular file", path);
  fileSize = uint64_t(info.st_size);
  return SYM_OK;
}

sym_status InputFile::readAt(uint64_t offset, void *out, size_t count) {
  if (offset > fileSize || count > fileSize - offset)
    return fail(SYM_BAD_FORMAT,
                "%s: the file is cut short: %zu bytes at %llu are needed, it "
                "has %llu",
                name, count, (unsigned long long)offset,
                (unsigned long long)fileSize);
  char *to = static_cast<char *>(out);
  while (count) {
    size_t step = count < (size_t(1) << 30) ? count : size_t(1) << 30;
    ssize_t got =
        retry([&] { return pread(descriptor, to, step, off_t(offset)); });
    if (got < 0)
      return failWithErrno(name, "read");
    if (got == 0)
      return fail(SYM_BAD_FORMAT, "%s: the file shrank while it was read",
                  name);
    to += got;
    offset += uint64_t(got);
    count -= size_t(got);
  }
  return SYM_OK;
}

sym_status FileSource::read(void *out, size_t count) {
  sym_status status = file.readAt(offset, out, count);
  offset += count;
  return status;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

ReplacingFile::~ReplacingFile() {
  if (descriptor < 0)
    return;
  close(descriptor);
  unlink(temporaryPath);
}

sym_status ReplacingFile::failed(const char *what) {
  return failWithErrno(finalPath, what);
}

sym_status ReplacingFile::open(const char *path) {
  SYM_CONSTINIT static std::atomic<uint32_t> counter{0};
  size_t length = strlen(path);
  if (length == 0 || length >= kMaxPath)
    return fail(SYM_INVALID_ARGUMENT, "the path is empty or too long");
  memcpy(finalPath, path, length + 1);
  // In the same directory, so that the rename stays within one file system.
  for (int tries = 0; tries < 100; ++tries) {
    snprintf(temporaryPath, sizeof(temporaryPath), "%s.%ld-%u.tmp", path,
             long(getpid()), counter.fetch_add(1));
    descriptor = retry([&] {
      return ::open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                    0666);
    });
    if (descriptor >= 0)
      return SYM_OK;
    if (errno != EEXIST)
      break;
  }
  return failed("create a temporary file beside it");
}

sym_status ReplacingFile::write(const void *data, size_t count) {
  const char *from = static_cast<const char *>(data);
  offset += count;
  while (count) {
    size_t step = count < (size_t(1) << 30) ? count : size_t(1) << 30;
    ssize_t done = retry([&] { return ::write(descriptor, from, step); });
    if (done < 0)
      return failed("write");
    from += done;
    count -= size_t(done);
  }
  return SYM_OK;
}

sym_status ReplacingFile::commit() {
  if (retry([&] { return fsync(descriptor); }) != 0)
    return failed("sync");
  if (rename(temporaryPath, finalPath) != 0)
    return failed("replace");
  close(descriptor);
  descriptor = -1;
  // The rename itself must reach the disk as well.
  char *slash = strrchr(finalPath, '/');
  const char *directory = ".";
  if (slash == finalPath)
    directory = "/";
  else if (slash)
    directory = finalPath;
  if (slash && slash != finalPath)
    *slash = 0;
  int d = retry(
      [&] { return ::open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  sym_status status = SYM_OK;
  if (d < 0)
    status = failWithErrno(directory, "open");
  // Some file systems cannot sync a directory, and need not.
  else if (retry([&] { return fsync(d); }) != 0 && errno != EINVAL)
    status = failWithErrno(directory, "sync");
  if (d >= 0)
    close(d);
  return status;
}
