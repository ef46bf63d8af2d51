//===- GraphCache.cpp - The graphs of a program's functions ---------------===//

#include "GraphCache.h"
#include "Record.h"

using namespace sym::rt;

struct GraphCache::Entry {
  const void *key;
  int32_t segment;
  Entry *next = nullptr;
  /// What `exec` was made from: changes name its nodes.
  DeviceGraph graph;
  DeviceGraphExec exec;
  Vector<CUgraphNode> nodes; ///< of each command; null if it is no kernel
  // What a launch does now.
  Vector<Command> commands;
  Vector<char> params;

  bool isOf(const DeviceCall &call) const {
    return key == call.key && segment == call.segment;
  }
  bool hasForm(const DeviceCall &call) const;
  bool equals(const DeviceCall &call) const {
    return commands.size() == call.commands.size() &&
           params.size() == call.params.size() &&
           !memcmp(commands.data(), call.commands.data(),
                   size_t(commands.size()) * sizeof(Command)) &&
           (params.size() == 0 || // of copies alone
            !memcmp(params.data(), call.params.data(), size_t(params.size())));
  }
  bool takeOver(const DeviceCall &call) {
    commands.truncate(0);
    params.truncate(0);
    return commands.append(call.commands.data(), call.commands.size()) &&
           params.append(call.params.data(), call.params.size());
  }
};

bool GraphCache::Entry::hasForm(const DeviceCall &call) const {
  if (commands.size() != call.commands.size() ||
      params.size() != call.params.size())
    return false;
  for (int64_t i = 0; i < commands.size(); ++i) {
    const Command &a = commands[i], &b = call.commands[i];
    if (a.kind != b.kind || a.kernel != b.kernel || a.unit != b.unit ||
        a.params != b.params || a.paramBytes != b.paramBytes ||
        a.library != b.library)
      return false;
  }
  return true;
}

GraphCache::~GraphCache() {
  while (entries)
    remove(entries);
}

void GraphCache::remove(Entry *entry) {
  Entry **at = &entries;
  while (*at != entry)
    at = &(*at)->next;
  *at = entry->next;
  destroyInPool(entry);
}

sym_status GraphCache::capture(DeviceCall &call, DeviceGraph &graph,
                               Entry &nodesOf) {
  DeviceStream &stream = call.program->queue.capturing;
  nodesOf.nodes.truncate(0);
  if (!nodesOf.nodes.reserve(call.commands.size()))
    return lastStatus();
  if (sym_status status = DeviceGraph::beginCapture(stream))
    return status;
  sym_status status = SYM_OK;
  for (const Command &command : call.commands) {
    CUgraphNode node = nullptr;
    status = call.enqueue(stream, command);
    if (!status && command.kind == Command::Launch)
      status = DeviceGraph::lastNode(stream, &node);
    if (status)
      break;
    nodesOf.nodes.push(node);
  }
  if (!status)
    return graph.endCapture(stream);
  // What stopped it is told, and not that it was stopped.
  ErrorRecord why = lastError();
  graph.endCapture(stream);
  lastError() = why;
  return status;
}

sym_status GraphCache::build(DeviceCall &call, Entry **out) {
  auto *entry = makeInPool<Entry>();
  if (!entry)
    return lastStatus();
  entry->key = call.key;
  entry->segment = call.segment;
  sym_status status = entry->takeOver(call) ? SYM_OK : lastStatus();
  if (!status)
    status = capture(call, entry->graph, *entry);
  if (!status)
    status = entry->exec.create(call.program->queue.device, entry->graph);
  if (status) {
    destroyInPool(entry);
    return status;
  }
  entry->next = entries;
  entries = entry;
  call.program->queue.counters.graphBuilds.add(1);
  *out = entry;
  return SYM_OK;
}

/// By a new capture: what is no kernel can only be changed so.
sym_status GraphCache::updateWhole(DeviceCall &call, Entry &entry) {
  DeviceGraph graph;
  Entry fresh;
  if (sym_status status = capture(call, graph, fresh))
    return status;
  bool fits = false;
  if (sym_status status = entry.exec.update(graph, &fits))
    return status;
  DeviceCounters &counters = call.program->queue.counters;
  if (fits) {
    counters.graphUpdates.add(1);
    return SYM_OK;
  }
  // The driver sees another form where we do not.
  if (sym_status status = entry.exec.create(call.program->queue.device, graph))
    return status;
  entry.graph = static_cast<DeviceGraph &&>(graph);
  for (int64_t i = 0; i < fresh.nodes.size(); ++i)
    entry.nodes[i] = fresh.nodes[i];
  counters.graphBuilds.add(1);
  return SYM_OK;
}

sym_status GraphCache::update(DeviceCall &call, Entry &entry) {
  auto same = [&](int64_t i) {
    const Command &a = entry.commands[i], &b = call.commands[i];
    return !memcmp(&a, &b, sizeof(Command)) &&
           (a.paramBytes == 0 || // of copies
            !memcmp(entry.params.data() + a.params,
                    call.params.data() + b.params, size_t(a.paramBytes)));
  };
  for (int64_t i = 0; i < call.commands.size(); ++i)
    if (!entry.nodes[i] && !same(i))
      return updateWhole(call, entry);
  DeviceCounters &counters = call.program->queue.counters;
  for (int64_t i = 0; i < call.commands.size(); ++i) {
    if (same(i))
      continue;
    const Command &command = call.commands[i];
    if (sym_status status = entry.exec.setKernel(
            entry.nodes[i], call.program->functions[command.kernel],
            call.gridOf(command), call.pointersOf(command)))
      return status;
    counters.nodeUpdates.add(1);
  }
  counters.graphUpdates.add(1);
  return SYM_OK;
}

sym_status GraphCache::launch(DeviceCall &call) {
  DeviceQueue &queue = call.program->queue;
  Entry *fitting = nullptr, *similar = nullptr, *oldest = nullptr;
  int numSimilar = 0, numOfKey = 0;
  for (Entry *entry = entries; entry; entry = entry->next) {
    if (!entry->isOf(call))
      continue;
    if (entry->equals(call)) {
      fitting = entry;
      break;
    }
    ++numOfKey;
    oldest = entry;
    if (entry->hasForm(call)) {
      ++numSimilar;
      similar = entry;
    }
  }
  if (!fitting && numSimilar >= kPerForm) {
    sym_status status = update(call, *similar);
    if (!status && !similar->takeOver(call))
      status = lastStatus();
    if (status) {
      // It may be half changed.
      remove(similar);
      return status;
    }
    fitting = similar;
  }
  if (!fitting) {
    if (numOfKey >= kPerKey)
      remove(oldest);
    if (sym_status status = build(call, &fitting))
      return status;
  }
  if (fitting != entries) {
    Entry **at = &entries;
    while (*at != fitting)
      at = &(*at)->next;
    *at = fitting->next;
    fitting->next = entries;
    entries = fitting;
  }
  if (sym_status status = fitting->exec.launch(queue.stream))
    return status;
  queue.counters.graphLaunches.add(1);
  queue.counters.graphNodes.set(call.commands.size());
  return SYM_OK;
}
