//===- Record.cpp - What one call asks of its device ----------------------===//

#include "Record.h"

#include <algorithm>

using namespace sym::rt;

static uint64_t address(const void *data) {
  return reinterpret_cast<uint64_t>(data);
}
static void *hostPointer(uint64_t address) {
  return reinterpret_cast<void *>(address);
}

//===----------------------------------------------------------------------===//
// Beginning and end
//===----------------------------------------------------------------------===//

/// How many records may wait for their pinned memory before a call waits too.
static constexpr int kMaxPending = 8;

DeviceCall *DeviceCall::begin(DeviceProgram *program, const void *key) {
  DeviceQueue &queue = program->queue;
  if (sym_status broken = queue.device.broken()) {
    fail(broken, "device %d cannot be used any more: %s",
         queue.device.ordinal(), sym_status_name(broken));
    return nullptr;
  }
  DeviceCall *call = nullptr;
  {
    Guard guard(queue.mutex);
    // One of the same function if there is one: its graph knows the addresses
    // of its pinned memory.
    DeviceCall **best = nullptr, **oldest = nullptr;
    int numPending = 0;
    for (DeviceCall **at = &queue.idleCalls; *at; at = &(*at)->next) {
      if (best && (*at)->key != key)
        continue;
      if (!(*at)->isDone()) {
        ++numPending;
        oldest = at;
        continue;
      }
      best = at;
      if ((*at)->key == key)
        break;
    }
    if (!best && numPending >= kMaxPending)
      best = oldest;
    if (best) {
      call = *best;
      *best = call->next;
    }
    ++queue.callsInUse;
  }
  sym_status status = SYM_OK;
  if (call) {
    call->program = program;
    status = call->wait();
  } else if ((call = makeInPool<DeviceCall>())) {
    call->queue = &queue;
    call->program = program;
    status = call->done.create(queue.device);
  }
  if (!call || status) {
    if (call)
      destroyInPool(call);
    Guard guard(queue.mutex);
    --queue.callsInUse;
    return nullptr;
  }
  call->key = key;
  call->segment = 0;
  call->restart();
  call->restartPinned();
  return call;
}

void DeviceCall::end() {
  Guard guard(queue->mutex);
  // The last one first, so that the next call gets the same ones in the same
  // order.
  for (int64_t i = temporaries.size(); i-- > 0;)
    queue->blocks.free(queue->stream, address(temporaries[i].data),
                       temporaries[i].bytes);
  temporaries.truncate(0);
  arena = nullptr;
  --queue->callsInUse;
  next = queue->idleCalls;
  queue->idleCalls = this;
}

void DeviceCall::restart() {
  commands.truncate(0);
  params.truncate(0);
  downloads.truncate(0);
  failed = SYM_OK;
}

//===----------------------------------------------------------------------===//
// Pinned memory
//===----------------------------------------------------------------------===//

void DeviceCall::releasePinned() {
  while (Pinned *piece = pinned) {
    pinned = piece->next;
    destroyInPool(piece);
  }
}

void DeviceCall::restartPinned() {
  if (pinned && pinned->next) {
    // One piece for all from now on.
    pinnedWanted = 0;
    for (Pinned *piece = pinned; piece; piece = piece->next)
      pinnedWanted += piece->capacity;
    releasePinned();
  }
  if (pinned)
    pinned->used = 0;
}

char *DeviceCall::pin(int64_t bytes) {
  size_t size = (size_t(bytes) + 63) & ~size_t(63);
  if (!pinned || pinned->capacity - pinned->used < size) {
    size_t capacity = std::max({size, pinnedWanted, size_t(65536)});
    auto *piece = makeInPool<Pinned>(capacity);
    if (!piece)
      return nullptr;
    if (piece->memory.create(queue->device, capacity)) {
      destroyInPool(piece);
      return nullptr;
    }
    pinnedWanted = 0;
    piece->next = pinned;
    pinned = piece;
  }
  char *place = pinned->memory.data() + pinned->used;
  pinned->used += size;
  return place;
}

bool DeviceCall::isDone() {
  if (!isPending)
    return true;
  bool happened = false;
  sym_status status =
      hasEvent ? done.query(&happened) : queue->stream.query(&happened);
  // On a broken device nothing runs any more.
  if (status ? queue->device.broken() != SYM_OK : happened)
    isPending = false;
  return !isPending;
}

sym_status DeviceCall::wait() {
  if (!isPending)
    return SYM_OK;
  queue->counters.waits.add(1);
  sym_status status = insist(queue->device, [&] {
    return hasEvent ? done.synchronize() : queue->stream.synchronize();
  });
  isPending = false;
  return status;
}

//===----------------------------------------------------------------------===//
// Writing down
//===----------------------------------------------------------------------===//

/// Keeps the first fault, for `submit`.
sym_status DeviceCall::refuse(sym_status status) {
  if (!failed) {
    failed = status;
    fault = lastError();
  }
  return status;
}

sym_status DeviceCall::add(const Command &command) {
  if (failed)
    return failed;
  return commands.push(command) ? SYM_OK : refuse(lastStatus());
}

sym_status DeviceCall::launch(int32_t kernel, const sym_grid &grid,
                              void *const *values) {
  if (failed)
    return failed;
  const sym_program &desc = *program->program;
  if (kernel < 0 || kernel >= desc.num_kernels)
    return refuse(fail(SYM_INVALID_ARGUMENT, "program '%s' has no kernel %d",
                       desc.name, kernel));
  const sym_kernel_desc &plan = desc.kernels[kernel];
  const DeviceFunction &function = program->functions[kernel];
  bool empty = false, wrong = false;
  for (int i = 0; i < 3; ++i) {
    empty |= grid.blocks[i] == 0;
    wrong |= grid.blocks[i] < 0 || grid.threads[i] < 1 ||
             (i > 0 && grid.blocks[i] > 65535);
  }
  int64_t threads =
      int64_t(grid.threads[0]) * grid.threads[1] * grid.threads[2];
  if (wrong || threads > function.maxThreads)
    return refuse(fail(
        SYM_INVALID_ARGUMENT,
        "kernel '%s' on device %d: a grid of %d x %d x %d blocks of %d x %d x "
        "%d threads, of at most %d threads",
        plan.name, queue->device.ordinal(), grid.blocks[0], grid.blocks[1],
        grid.blocks[2], grid.threads[0], grid.threads[1], grid.threads[2],
        function.maxThreads));
  if (empty)
    return SYM_OK;
  Command command = {};
  command.kind = Command::Launch;
  command.kernel = kernel;
  for (int i = 0; i < 3; ++i) {
    command.blocks[i] = uint32_t(grid.blocks[i]);
    command.threads[i] = uint32_t(grid.threads[i]);
  }
  command.params = int32_t(params.size());
  command.paramBytes = 8 * plan.num_params;
  if (!params.reserve(command.paramBytes))
    return refuse(lastStatus());
  for (int32_t i = 0; i < plan.num_params; ++i) {
    char value[8] = {};
    memcpy(value, values[i], size_t(plan.param_bytes[i]));
    params.append(value, 8);
  }
  return add(command);
}

sym_status DeviceCall::addTransfer(Command::Kind kind, void *to,
                                   const void *from, int64_t bytes) {
  Command command = {};
  command.kind = kind;
  command.to = address(to);
  command.from = address(from);
  command.count = bytes;
  return add(command);
}

sym_status DeviceCall::copy(void *to, const void *from, int64_t bytes) {
  if (!bytes)
    return SYM_OK;
  return addTransfer(Command::Copy, to, from, bytes);
}

sym_status DeviceCall::copyToDevice(void *to, const void *from, int64_t bytes) {
  if (!bytes || failed)
    return failed;
  char *staged = pin(bytes);
  if (!staged)
    return refuse(lastStatus());
  memcpy(staged, from, size_t(bytes));
  return addTransfer(Command::ToDevice, to, staged, bytes);
}

sym_status DeviceCall::fill(void *to, int32_t unit, uint32_t bits,
                            int64_t count) {
  if (!count)
    return SYM_OK;
  if (unit != 1 && unit != 2 && unit != 4)
    return refuse(
        fail(SYM_INVALID_ARGUMENT, "a fill of units of %d bytes", unit));
  Command command = {};
  command.kind = Command::Fill;
  command.to = address(to);
  command.count = count;
  command.bits = bits;
  command.unit = unit;
  return add(command);
}

sym_status DeviceCall::library(LibraryFunction function, const void *values,
                               int32_t bytes) {
  Command command = {};
  command.kind = Command::Library;
  command.library = function;
  command.params = int32_t(params.size());
  command.paramBytes = (bytes + 7) & ~7;
  if (!params.reserve(command.paramBytes))
    return refuse(lastStatus());
  const char zeros[8] = {};
  params.append(static_cast<const char *>(values), bytes);
  params.append(zeros, command.paramBytes - bytes);
  return add(command);
}

void DeviceCall::addDownload(void *to, const void *from, int64_t bytes) {
  if (!bytes)
    return;
  Download download = {to, from, bytes, nullptr};
  if (!downloads.push(download))
    refuse(lastStatus());
}

//===----------------------------------------------------------------------===//
// Enqueueing
//===----------------------------------------------------------------------===//

Grid DeviceCall::gridOf(const Command &launch) const {
  Grid grid;
  for (int i = 0; i < 3; ++i) {
    grid.blocks[i] = launch.blocks[i];
    grid.threads[i] = launch.threads[i];
  }
  return grid;
}

void **DeviceCall::pointersOf(const Command &launch) {
  char *at = params.data() + launch.params;
  for (int32_t i = 0; i < launch.paramBytes / 8; ++i)
    pointers[i] = at + 8 * i;
  return pointers.data();
}

sym_status DeviceCall::enqueue(DeviceStream &stream, const Command &command) {
  size_t count = size_t(command.count);
  switch (command.kind) {
  case Command::Launch:
    return stream.launch(program->functions[command.kernel], gridOf(command),
                         pointersOf(command));
  case Command::Copy:
    return stream.copyOnDevice(command.to, command.from, count);
  case Command::Fill:
    if (command.unit == 1)
      return stream.fillBytes(command.to, uint8_t(command.bits), count);
    if (command.unit == 2)
      return stream.fillHalves(command.to, uint16_t(command.bits), count);
    return stream.fillWords(command.to, command.bits, count);
  case Command::ToDevice:
    return stream.copyToDevice(command.to, hostPointer(command.from), count);
  case Command::ToHost:
    return stream.copyToHost(hostPointer(command.to), command.from, count);
  case Command::Library:
    return command.library(stream, params.data() + command.params);
  }
  return SYM_OK;
}

sym_status DeviceCall::stageDownloads() {
  for (Download &download : downloads) {
    char *staged = pin(download.bytes);
    if (!staged)
      return refuse(lastStatus());
    download.staged = staged;
    if (sym_status status =
            addTransfer(Command::ToHost, staged, download.from, download.bytes))
      return status;
  }
  return SYM_OK;
}

void DeviceCall::count() {
  DeviceCounters &counters = queue->counters;
  counters.submissions.add(1);
  for (const Command &command : commands)
    switch (command.kind) {
    case Command::Launch:
      counters.launches.add(1);
      break;
    case Command::Copy:
      counters.copies.add(1);
      counters.copyBytes.add(command.count);
      break;
    case Command::ToDevice:
      counters.uploads.add(1);
      counters.uploadBytes.add(command.count);
      break;
    case Command::ToHost:
      counters.downloads.add(1);
      counters.downloadBytes.add(command.count);
      break;
    case Command::Fill:
    case Command::Library:
      break;
    }
}

sym_status DeviceCall::submitStaged() {
  Guard guard(queue->mutex);
  // A library may enqueue several things.
  bool alone = commands.size() == 1 && commands[0].kind != Command::Library;
  auto attempt = [&] {
    return alone ? enqueue(queue->stream, commands[0])
                 : program->graphs.launch(*this);
  };
  sym_status status = attempt();
  if (status == SYM_DEVICE_OUT_OF_MEMORY && !queue->blocks.trim(queue->stream))
    status = attempt();
  if (status)
    return status;
  if (pinned && pinned->used) {
    // From here on it is enqueued: nothing may fail. Without the event the
    // whole stream is waited for.
    hasEvent = queue->stream.record(done) == SYM_OK;
    isPending = true;
  }
  return SYM_OK;
}

sym_status DeviceCall::submit() {
  if (!failed)
    stageDownloads();
  if (failed) {
    lastError() = fault;
    return failed;
  }
  if (!commands.size())
    return SYM_OK;
  int64_t most = 0;
  for (const Command &command : commands)
    most = std::max<int64_t>(most, command.paramBytes / 8);
  pointers.truncate(0);
  sym_status status = pointers.reserve(most) ? submitStaged() : lastStatus();
  if (status)
    return refuse(status);
  count();
  ++segment;
  commands.truncate(0);
  params.truncate(0);
  return SYM_OK;
}

sym_status DeviceCall::finish() {
  if (!downloads.size())
    return SYM_OK;
  if (sym_status status = wait())
    return status;
  for (const Download &download : downloads)
    memcpy(download.to, download.staged, size_t(download.bytes));
  downloads.truncate(0);
  return SYM_OK;
}

sym_status DeviceCall::flush(void *to, const void *from, int64_t bytes) {
  addDownload(to, from, bytes);
  if (sym_status status = submit())
    return status;
  if (sym_status status = finish())
    return refuse(status);
  restartPinned();
  return SYM_OK;
}

//===----------------------------------------------------------------------===//
// Temporaries
//===----------------------------------------------------------------------===//

void *DeviceCall::allocateTemporary(int64_t bytes) {
  // One that this call is done with: what uses it next comes behind.
  for (int64_t i = temporaries.size(); i-- > 0;)
    if (temporaries[i].isFree && temporaries[i].bytes == bytes) {
      temporaries[i].isFree = false;
      return temporaries[i].data;
    }
  if (!temporaries.reserve(1))
    return nullptr;
  Temporary fresh = {nullptr, bytes, false};
  if (queue->allocate(bytes, &fresh.data))
    return nullptr;
  temporaries.push(fresh);
  return fresh.data;
}

void DeviceCall::freeTemporary(void *data) {
  for (int64_t i = temporaries.size(); i-- > 0;)
    if (temporaries[i].data == data) {
      temporaries[i].isFree = data != arena;
      return;
    }
}
