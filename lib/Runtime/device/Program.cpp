//===- Program.cpp - A program's kernels on one device --------------------===//

#include "Program.h"

#include <stdio.h>

using namespace sym::rt;

//===----------------------------------------------------------------------===//
// Images
//===----------------------------------------------------------------------===//

/// Whether the device can run an image: code for its own major and at most its
/// minor version, PTX for its own or an older architecture.
static bool fits(const sym_image_desc &image, const Device &device) {
  int arch = device.limits().arch;
  bool sameMajor = image.arch / 10 == arch / 10 && image.arch % 10 <= arch % 10;
  switch (image.kind) {
  case SYM_IMAGE_CUBIN:
    return !device.driver().isStandIn && sameMajor;
  case SYM_IMAGE_PTX:
    return !device.driver().isStandIn && image.arch <= arch;
  case SYM_IMAGE_SIM:
    return device.driver().isStandIn && (!image.arch || sameMajor);
  default:
    return false;
  }
}

static const char *kindText(int32_t kind) {
  switch (kind) {
  case SYM_IMAGE_CUBIN:
    return "cubin";
  case SYM_IMAGE_PTX:
    return "PTX";
  case SYM_IMAGE_SIM:
    return "simulator";
  default:
    return "unknown";
  }
}

static sym_status noImage(const sym_program *program, const Device &device) {
  char list[512] = "none";
  size_t at = 0;
  for (int32_t i = 0; i < program->num_images && at < sizeof(list); ++i) {
    const sym_image_desc &image = program->images[i];
    char arch[24] = "any";
    if (image.arch)
      snprintf(arch, sizeof(arch), "sm_%d", image.arch);
    at += size_t(snprintf(list + at, sizeof(list) - at, "%s%s (%s)",
                          i ? ", " : "", arch, kindText(image.kind)));
  }
  return fail(SYM_WRONG_ARCHITECTURE,
              "program '%s' has no kernels for device %d, '%s', %ssm_%d; it "
              "has kernels for: %s",
              program->name, device.ordinal(), device.limits().name,
              device.driver().isStandIn ? "simulator of " : "",
              device.limits().arch, list);
}

sym_status DeviceProgram::load() {
  if (!program->num_kernels)
    return SYM_OK;
  const sym_image_desc *fitting = nullptr;
  for (int32_t i = 0; i < program->num_images && !fitting; ++i)
    if (fits(program->images[i], queue.device))
      fitting = &program->images[i];
  if (!fitting)
    return noImage(program, queue.device);
  if (sym_status status = module.load(queue.device, fitting->data))
    return status;
  if (!functions.reserve(program->num_kernels))
    return lastStatus();
  for (int32_t i = 0; i < program->num_kernels; ++i) {
    DeviceFunction function;
    if (sym_status status =
            module.function(program->kernels[i].name, &function))
      return status;
    functions.push(function);
  }
  return SYM_OK;
}

//===----------------------------------------------------------------------===//
// Counting
//===----------------------------------------------------------------------===//

bool DeviceProgram::find(DeviceQueue &queue, const sym_program *program,
                         DeviceProgram **out) {
  Guard guard(queue.mutex);
  queue.reap(/*all=*/false);
  for (DeviceProgram *known = queue.programs; known; known = known->next)
    if (known->program == program) {
      ++known->references;
      *out = known;
      return true;
    }
  return false;
}

sym_status DeviceProgram::retain(DeviceQueue &queue, const sym_program *program,
                                 DeviceProgram **out) {
  if (find(queue, program, out))
    return SYM_OK;
  // The driver may compile for seconds: calls of other programs go on.
  Guard loading(queue.loading);
  if (find(queue, program, out))
    return SYM_OK;
  auto *fresh = makeInPool<DeviceProgram>(queue, program);
  if (!fresh)
    return lastStatus();
  sym_status status = fresh->load();
  if (!status)
    status = fresh->end.create(queue.device);
  if (status) {
    destroyInPool(fresh);
    return status;
  }
  Guard guard(queue.mutex);
  fresh->next = queue.programs;
  queue.programs = fresh;
  *out = fresh;
  return SYM_OK;
}

void DeviceProgram::release() {
  DeviceQueue &from = queue;
  Guard guard(from.mutex);
  if (--references)
    return;
  for (DeviceProgram **at = &from.programs; *at; at = &(*at)->next)
    if (*at == this) {
      *at = next;
      break;
    }
  freeConstants();
  // Without the event, the next wait for everything tells.
  hasEnd = from.stream.record(end) == SYM_OK;
  next = from.retired;
  from.retired = this;
  from.reap(/*all=*/false);
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

sym_status DeviceProgram::constant(const void *data, int64_t bytes,
                                   void **out) {
  Guard guard(constantsMutex);
  int64_t low = 0, high = constants.size();
  while (low < high) {
    int64_t middle = (low + high) / 2;
    if (constants[middle].data < data)
      low = middle + 1;
    else
      high = middle;
  }
  if (low < constants.size() && constants[low].data == data) {
    *out = constants[low].address;
    return SYM_OK;
  }
  if (!constants.reserve(1))
    return lastStatus();
  Constant fresh = {data, nullptr, bytes};
  if (sym_status status = queue.allocate(bytes, &fresh.address))
    return status;
  if (sym_status status = queue.upload(fresh.address, data, bytes)) {
    queue.free(fresh.address, bytes);
    return status;
  }
  constants.push(fresh);
  for (int64_t i = constants.size() - 1; i > low; --i)
    constants[i] = constants[i - 1];
  constants[low] = fresh;
  *out = fresh.address;
  return SYM_OK;
}

void DeviceProgram::freeConstants() {
  for (const Constant &each : constants)
    queue.blocks.free(queue.stream, reinterpret_cast<CUdeviceptr>(each.address),
                      each.bytes);
  constants.truncate(0);
}
