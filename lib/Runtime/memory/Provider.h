//===- Provider.h - Where a pool's memory comes from ------------*- C++ -*-===//
//
// The pool decides, a provider obeys: it reserves address space, and gives
// pages back. One exists for the host; a device layer brings its own.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_MEMORY_PROVIDER_H
#define SYM_LIB_RUNTIME_MEMORY_PROVIDER_H

#include <stddef.h>
#include <stdint.h>

namespace sym::rt {

struct Provider {
  /// Reserves `bytes` at an address that is a multiple of `alignment`; null
  /// when the system refuses. Pages cost nothing until they are touched. The
  /// range is never given back. Any thread.
  void *(*reserve)(size_t bytes, size_t alignment, bool hugePages);
  /// Returns the pages of a part of a range; its content is lost. Any thread.
  void (*discard)(void *data, size_t bytes);
};

/// Anonymous memory of this process.
extern const Provider kHostProvider;
/// The same, without access to what is reserved until somebody grants it.
extern const Provider kGuardProvider;

/// Memory for the pool's own records: zeroed, never freed; null when the
/// system refuses. Any thread.
void *allocateMetadata(size_t bytes);

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_MEMORY_PROVIDER_H
