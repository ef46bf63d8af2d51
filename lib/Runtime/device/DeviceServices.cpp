//===- DeviceServices.cpp - What generated code of device functions calls -===//

#include "../store/Frame.h"
#include "Record.h"

using namespace sym::rt;

static DeviceCall &deviceCallOf(sym_frame *frame) {
  return *recordOf(frame).device;
}

/// Keeps the first fault of the call.
static sym_status refuse(sym_frame *frame, sym_status status) {
  FrameRecord &record = recordOf(frame);
  if (status && record.status == SYM_OK)
    record.status = status;
  return status;
}

void *sym_rt_device_arena(sym_frame *frame, int64_t bytes) {
  DeviceCall &call = deviceCallOf(frame);
  void *data = sym_rt_device_alloc(frame, bytes);
  if (!call.arena)
    call.arena = data;
  return data;
}

void *sym_rt_device_alloc(sym_frame *frame, int64_t bytes) {
  void *data = deviceCallOf(frame).allocateTemporary(bytes);
  if (!data)
    refuse(frame, lastStatus());
  return data;
}

void sym_rt_device_free(sym_frame *frame, void *data) {
  if (data)
    deviceCallOf(frame).freeTemporary(data);
}

void *sym_rt_device_constant(sym_frame *frame, const void *data,
                             int64_t bytes) {
  void *address = nullptr;
  if (refuse(frame,
             deviceCallOf(frame).program->constant(data, bytes, &address)))
    return nullptr;
  return address;
}

void sym_rt_launch(sym_frame *frame, int32_t kernel, const sym_grid *grid,
                   void *const *params) {
  refuse(frame, deviceCallOf(frame).launch(kernel, *grid, params));
}

void sym_rt_copy_on_device(sym_frame *frame, void *to, const void *from,
                           int64_t bytes) {
  refuse(frame, deviceCallOf(frame).copy(to, from, bytes));
}

void sym_rt_copy_to_device(sym_frame *frame, void *to, const void *from,
                           int64_t bytes) {
  refuse(frame, deviceCallOf(frame).copyToDevice(to, from, bytes));
}

void sym_rt_fill_device(sym_frame *frame, void *to, int32_t unit, uint32_t bits,
                        int64_t count) {
  refuse(frame, deviceCallOf(frame).fill(to, unit, bits, count));
}

int32_t sym_rt_copy_to_host(sym_frame *frame, void *to, const void *from,
                            int64_t bytes) {
  return refuse(frame, deviceCallOf(frame).flush(to, from, bytes));
}

int32_t sym_rt_product(sym_frame *frame, const sym_product *product) {
  DeviceCall &call = deviceCallOf(frame);
  DeviceQueue &queue = *call.queue;
  BlasCall planned;
  bool taken = false;
  if (refuse(frame, queue.blas.plan(queue.device, *product, &planned, &taken)))
    return 1;
  if (!taken) {
    queue.counters.fallbacks.add(1);
    return 0;
  }
  void *workspace = nullptr;
  if (planned.workspaceBytes) {
    workspace = sym_rt_device_alloc(frame, planned.workspaceBytes);
    if (!workspace)
      return 1;
  }
  planned.workspace = workspace;
  if (!refuse(frame, call.library(DeviceBlas::enqueue, &planned,
                                  int32_t(sizeof(planned)))))
    queue.counters.products.add(1);
  // What gets the memory next comes behind.
  sym_rt_device_free(frame, workspace);
  return 1;
}
