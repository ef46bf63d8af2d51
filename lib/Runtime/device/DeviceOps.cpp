//===- DeviceOps.cpp - The table through which the store reaches devices --===//

#include "../store/DeviceOps.h"
#include "Program.h"
#include "Record.h"
#include "Registry.h"

using namespace sym::rt;

static sym_status open(int ordinal) {
  DeviceQueue *queue;
  return openQueue(ordinal, &queue);
}

static void *allocate(int ordinal, int64_t bytes) {
  void *data = nullptr;
  DeviceQueue *queue = openedQueue(ordinal);
  return queue && !queue->allocate(bytes, &data) ? data : nullptr;
}

static void free(int ordinal, void *data, int64_t bytes) {
  if (DeviceQueue *queue = openedQueue(ordinal))
    queue->free(data, bytes);
}

static sym_status upload(int ordinal, void *to, const void *from,
                         int64_t bytes) {
  DeviceQueue *queue = openedQueue(ordinal);
  return queue ? queue->upload(to, from, bytes) : lastStatus();
}

static sym_status download(int ordinal, void *to, const void *from,
                           int64_t bytes) {
  DeviceQueue *queue = openedQueue(ordinal);
  return queue ? queue->download(to, from, bytes) : lastStatus();
}

static sym_status copy(int ordinal, void *to, int fromOrdinal, const void *from,
                       int64_t bytes) {
  DeviceQueue *queue = openedQueue(ordinal);
  DeviceQueue *source = queue ? openedQueue(fromOrdinal) : nullptr;
  return source ? queue->copy(to, *source, from, bytes) : lastStatus();
}

static sym_status retainProgram(int ordinal, const sym_program *program,
                                DeviceProgram **out) {
  DeviceQueue *queue = openedQueue(ordinal);
  return queue ? DeviceProgram::retain(*queue, program, out) : lastStatus();
}

const sym_device_ops *sym_rt_devices(void) {
  static const sym_device_ops table = {
      open,
      allocate,
      free,
      upload,
      download,
      copy,
      sym_device_synchronize,
      retainProgram,
      [](DeviceProgram *program) { program->release(); },
      DeviceCall::begin,
      [](DeviceCall *call, void *to, const void *from, int64_t bytes) {
        call->copy(to, from, bytes);
      },
      [](DeviceCall *call, void *to, const void *from, int64_t bytes) {
        call->addDownload(to, from, bytes);
      },
      [](DeviceCall *call) { return call->submit(); },
      [](DeviceCall *call) { return call->finish(); },
      [](DeviceCall *call) { call->end(); },
  };
  return &table;
}
