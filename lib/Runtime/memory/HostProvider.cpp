//===- HostProvider.cpp - Anonymous memory of this process ----------------===//

#include "../base/Checked.h"
#include "../base/Mutex.h"
#include "Pool.h"
#include "Provider.h"

#include <sys/mman.h>
#include <sys/sysinfo.h>

using namespace sym::rt;

static void *mapPages(size_t bytes, int access = PROT_READ | PROT_WRITE) {
  void *p = mmap(nullptr, bytes, access,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return p == MAP_FAILED ? nullptr : p;
}

/// What the machine could ever back. Address space is promised without a
/// reserve, so the kernel would not refuse a request beyond that.
static size_t machineBytes() {
  SYM_CONSTINIT static std::atomic<size_t> known{0};
  size_t bytes = known.load(std::memory_order_relaxed);
  if (bytes)
    return bytes;
  struct sysinfo info;
  bytes = sysinfo(&info) == 0
              ? size_t(info.totalram + info.totalswap) * info.mem_unit
              : SIZE_MAX;
  known.store(bytes, std::memory_order_relaxed);
  return bytes;
}

static void *reserve(size_t bytes, size_t alignment, bool hugePages,
                     int access) {
  if (bytes > machineBytes())
    return nullptr;
  // Mapped with room to spare, then the ends are cut off.
  size_t padded;
  if (__builtin_add_overflow(bytes, alignment, &padded))
    return nullptr;
  char *base = static_cast<char *>(mapPages(padded, access));
  if (!base)
    return nullptr;
  char *aligned = reinterpret_cast<char *>(
      roundUp(reinterpret_cast<int64_t>(base), int64_t(alignment)));
  size_t before = size_t(aligned - base);
  if (before)
    munmap(base, before);
  if (alignment - before)
    munmap(aligned + bytes, alignment - before);
  if (hugePages)
    madvise(aligned, bytes, MADV_HUGEPAGE);
  return aligned;
}

static void *hostReserve(size_t bytes, size_t alignment, bool hugePages) {
  return reserve(bytes, alignment, hugePages, PROT_READ | PROT_WRITE);
}

static void *guardReserve(size_t bytes, size_t alignment, bool hugePages) {
  return reserve(bytes, alignment, hugePages, PROT_NONE);
}

static void hostDiscard(void *data, size_t bytes) {
  madvise(data, bytes, MADV_DONTNEED);
}

const Provider sym::rt::kHostProvider = {hostReserve, hostDiscard};
const Provider sym::rt::kGuardProvider = {guardReserve, hostDiscard};

SYM_CONSTINIT static Mutex metadataMutex;

void sym::rt::lockMetadata() { metadataMutex.lock(); }
void sym::rt::unlockMetadata() { metadataMutex.unlock(); }

void *sym::rt::allocateMetadata(size_t bytes) {
  constexpr size_t kChunk = 256 << 10;
  static char *next = nullptr;
  static size_t left = 0;

  bytes = size_t(roundUp(int64_t(bytes), 64));
  if (bytes > kChunk / 4)
    return mapPages(size_t(roundUp(int64_t(bytes), 4096)));
  Guard guard(metadataMutex);
  if (bytes > left) {
    char *chunk = static_cast<char *>(mapPages(kChunk));
    if (!chunk)
      return nullptr;
    next = chunk;
    left = kChunk;
  }
  void *result = next;
  next += bytes;
  left -= bytes;
  return result;
}
