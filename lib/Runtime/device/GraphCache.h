//===- GraphCache.h - The graphs of a program's functions -------*- C++ -*-===//
//
// A record of several commands is enqueued as one graph, so that all of it is
// or nothing (T4), and so that the steady state costs one launch. A graph that
// was made for an equal record is launched as it is; one of the same form, the
// same commands with other addresses, sizes or values, is changed; another form
// gets another graph.
//
// A few graphs are kept for each function variant: two of a form, since buffers
// that are exchanged in every call come back in every second one, and several
// forms, since control flow may alternate. The least recently used one goes.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_GRAPHCACHE_H
#define SYM_LIB_RUNTIME_DEVICE_GRAPHCACHE_H

#include "Graph.h"

namespace sym::rt {

struct Command;
struct DeviceCall;

/// One thread at a time.
class GraphCache {
public:
  static constexpr int kPerForm = 2;
  static constexpr int kPerKey = 6;

  GraphCache() = default;
  ~GraphCache();
  GraphCache(const GraphCache &) = delete;
  GraphCache &operator=(const GraphCache &) = delete;

  /// Enqueues the record's commands as a whole; nothing on failure.
  sym_status launch(DeviceCall &call);

private:
  struct Entry;

  sym_status capture(DeviceCall &call, DeviceGraph &graph, Entry &nodesOf);
  sym_status build(DeviceCall &call, Entry **out);
  sym_status update(DeviceCall &call, Entry &entry);
  sym_status updateWhole(DeviceCall &call, Entry &entry);
  /// Takes an entry out of the list and destroys it.
  void remove(Entry *entry);

  Entry *entries = nullptr; ///< the one used last first
};

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_DEVICE_GRAPHCACHE_H
