//===- FakeDevices.cpp - Devices made of host memory ----------------------===//

#include "FakeDevices.h"
#include "DeviceKernels.h"
#include "DeviceProgram.h"
#include "base/Status.h"
#include "store/Frame.h"

#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string.h>
#include <string>
#include <vector>

using namespace symtest;
using sym::rt::DeviceCall;
using sym::rt::DeviceProgram;
using sym::rt::fail;

using Work = std::function<void()>;

namespace sym::rt {
struct DeviceProgram {
  int ordinal;
  const sym_program *program;
};
struct DeviceCall {
  DeviceProgram *program;
  std::vector<Work> commands;
  struct Download {
    void *to;
    const void *from;
    std::string bytes;
  };
  std::deque<Download> downloads;
  std::vector<std::pair<void *, int64_t>> temporaries;
  bool submitted = false;
};
} // namespace sym::rt

namespace {
struct Fake {
  std::mutex mutex;
  std::deque<Work> queues[kFakeDevices];
  bool open[kFakeDevices] = {}, lost[kFakeDevices] = {};
  std::set<void *> live;
  int64_t failIn = 0, cap = 0;
  sym_status failWith = SYM_OK;
  bool failed = false;
  FakeCounts counts = {};
};
// Never destroyed: arrays may be released behind main.
Fake &fake() {
  static Fake *it = new Fake;
  return *it;
}
using Lock = std::lock_guard<std::mutex>;

// No program can have such an address.
constexpr uintptr_t kMark = uintptr_t(1) << 62;
void *toDevice(void *data) {
  return reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(data) | kMark);
}
char *toHost(const void *data) {
  uintptr_t address = reinterpret_cast<uintptr_t>(data);
  if (!(address & kMark))
    abort(); // an address of the host was given for one of a device
  return reinterpret_cast<char *>(address & ~kMark);
}

/// With the mutex held: whether the next operation may go on.
sym_status admit(int ordinal) {
  Fake &f = fake();
  if (ordinal < 0 || ordinal >= kFakeDevices || !f.open[ordinal])
    return fail(SYM_NO_DEVICE, "device %d is not open", ordinal);
  if (f.lost[ordinal])
    return fail(SYM_DEVICE_LOST, "device %d is lost", ordinal);
  if (f.failIn && --f.failIn == 0) {
    f.failed = true;
    return fail(f.failWith, "the test wants device %d to fail", ordinal);
  }
  return SYM_OK;
}

void drain(int ordinal) {
  std::deque<Work> &queue = fake().queues[ordinal];
  for (; !queue.empty(); queue.pop_front())
    queue.front()();
}

void enqueue(int ordinal, Work work) {
  std::deque<Work> &queue = fake().queues[ordinal];
  queue.push_back(std::move(work));
  if (queue.size() > 1000)
    drain(ordinal);
}

sym_status openDevice(int ordinal) {
  Lock lock(fake().mutex);
  if (ordinal < 0 || ordinal >= kFakeDevices)
    return fail(SYM_NO_DEVICE, "there is no device %d", ordinal);
  fake().open[ordinal] = true;
  return admit(ordinal);
}

void *allocateBlock(int ordinal, int64_t bytes) {
  Lock lock(fake().mutex);
  Fake &f = fake();
  if (admit(ordinal))
    return nullptr;
  if (f.cap && f.counts.bytes + bytes > f.cap) {
    fail(SYM_DEVICE_OUT_OF_MEMORY, "the fake device is full");
    return nullptr;
  }
  void *data = aligned_alloc(256, size_t((bytes + 256) / 256 * 256));
  memset(data, 0xdd, size_t(bytes));
  f.live.insert(data);
  f.counts.bytes += bytes;
  ++f.counts.blocks;
  ++f.counts.allocations;
  return toDevice(data);
}

void freeBlock(int ordinal, void *data, int64_t bytes) {
  Lock lock(fake().mutex);
  Fake &f = fake();
  if (f.live.erase(toHost(data)) != 1)
    abort(); // freed twice
  f.counts.bytes -= bytes;
  --f.counts.blocks;
  // The address itself, for who looks for leaks.
  enqueue(ordinal, [here = toHost(data), bytes] {
    memset(here, 0xee, size_t(bytes));
    ::free(here);
  });
}

sym_status upload(int ordinal, void *to, const void *from, int64_t bytes) {
  Lock lock(fake().mutex);
  if (sym_status s = admit(ordinal))
    return s;
  ++fake().counts.uploads;
  std::string kept(static_cast<const char *>(from), size_t(bytes));
  enqueue(ordinal, [=] { memcpy(toHost(to), kept.data(), kept.size()); });
  return SYM_OK;
}

sym_status download(int ordinal, void *to, const void *from, int64_t bytes) {
  Lock lock(fake().mutex);
  if (sym_status s = admit(ordinal))
    return s;
  ++fake().counts.downloads;
  drain(ordinal);
  memcpy(to, toHost(from), size_t(bytes));
  return SYM_OK;
}

sym_status copy(int ordinal, void *to, int fromOrdinal, const void *from,
                int64_t bytes) {
  Lock lock(fake().mutex);
  if (sym_status s = admit(ordinal))
    return s;
  ++fake().counts.copies;
  if (fromOrdinal == ordinal) {
    enqueue(ordinal, [=] { memcpy(toHost(to), toHost(from), size_t(bytes)); });
    return SYM_OK;
  }
  drain(fromOrdinal);
  std::string kept(toHost(from), size_t(bytes));
  enqueue(ordinal, [=] { memcpy(toHost(to), kept.data(), kept.size()); });
  return SYM_OK;
}

sym_status synchronize(int ordinal) {
  Lock lock(fake().mutex);
  if (sym_status s = admit(ordinal))
    return s;
  drain(ordinal);
  return SYM_OK;
}

sym_status retainProgram(int ordinal, const sym_program *program,
                         DeviceProgram **out) {
  Lock lock(fake().mutex);
  if (sym_status s = admit(ordinal))
    return s;
  ++fake().counts.programs;
  *out = new DeviceProgram{ordinal, program};
  return SYM_OK;
}

void releaseProgram(DeviceProgram *program) {
  Lock lock(fake().mutex);
  --fake().counts.programs;
  delete program;
}

DeviceCall *begin(DeviceProgram *program, const void *) {
  Lock lock(fake().mutex);
  if (admit(program->ordinal))
    return nullptr;
  ++fake().counts.calls;
  auto *call = new DeviceCall;
  call->program = program;
  return call;
}

void addCopy(DeviceCall *call, void *to, const void *from, int64_t bytes) {
  call->commands.push_back(
      [=] { memcpy(toHost(to), toHost(from), size_t(bytes)); });
}

void addDownload(DeviceCall *call, void *to, const void *from, int64_t bytes) {
  call->downloads.push_back({to, from, std::string(size_t(bytes), 0)});
}

void enqueueCommands(DeviceCall *call) {
  for (Work &work : call->commands)
    enqueue(call->program->ordinal, std::move(work));
  call->commands.clear();
}

sym_status submit(DeviceCall *call) {
  Lock lock(fake().mutex);
  if (sym_status s = admit(call->program->ordinal))
    return s;
  ++fake().counts.submits;
  enqueueCommands(call);
  for (DeviceCall::Download &d : call->downloads)
    enqueue(call->program->ordinal,
            [&d] { memcpy(d.bytes.data(), toHost(d.from), d.bytes.size()); });
  call->submitted = true;
  return SYM_OK;
}

sym_status finish(DeviceCall *call) {
  Lock lock(fake().mutex);
  int ordinal = call->program->ordinal;
  if (call->downloads.empty())
    return SYM_OK;
  // A wait fails only on a device that is broken.
  if (fake().lost[ordinal])
    return admit(ordinal);
  drain(ordinal);
  for (DeviceCall::Download &d : call->downloads)
    memcpy(d.to, d.bytes.data(), d.bytes.size());
  return SYM_OK;
}

void end(DeviceCall *call) {
  for (auto [data, bytes] : call->temporaries)
    freeBlock(call->program->ordinal, data, bytes);
  Lock lock(fake().mutex);
  if (call->submitted && !call->downloads.empty())
    drain(call->program->ordinal); // they point into the record
  --fake().counts.calls;
  delete call;
}

const sym_device_ops kTable = {
    openDevice, allocateBlock, freeBlock,     upload,         download,
    copy,       synchronize,   retainProgram, releaseProgram, begin,
    addCopy,    addDownload,   submit,        finish,         end};

DeviceCall *callOfFrame(sym_frame *frame) {
  return sym::rt::recordOf(frame).device;
}

void *refuseService(sym_frame *frame) {
  return sym::rt::recordOf(frame).refuse();
}
} // namespace

//===----------------------------------------------------------------------===//
// The services
//===----------------------------------------------------------------------===//

const sym_device_ops *sym_rt_devices(void) { return &kTable; }

void *sym_rt_device_alloc(sym_frame *frame, int64_t bytes) {
  DeviceCall *call = callOfFrame(frame);
  void *data = allocateBlock(call->program->ordinal, bytes);
  if (!data)
    return refuseService(frame);
  call->temporaries.push_back({data, bytes});
  return data;
}

void sym_rt_launch(sym_frame *frame, int32_t kernel, const sym_grid *grid,
                   void *const *params) {
  DeviceCall *call = callOfFrame(frame);
  const sym_kernel_desc &desc = call->program->program->kernels[kernel];
  uint64_t values[8] = {};
  for (int i = 0; i < desc.num_params; ++i)
    memcpy(&values[i], params[i], size_t(desc.param_bytes[i]));
  if (grid->blocks[0] == 0)
    return;
  auto at = [=](int i) { return toHost(reinterpret_cast<void *>(values[i])); };
  auto count = int64_t(values[desc.num_params - 1]);
  if (!strcmp(desc.name, kKernelNames[kAddVectors]))
    call->commands.push_back([=] {
      auto *to = reinterpret_cast<double *>(at(0));
      auto *a = reinterpret_cast<double *>(at(1));
      auto *b = reinterpret_cast<double *>(at(2));
      for (int64_t i = 0; i < count; ++i)
        to[i] = a[i] + b[i];
    });
  else if (!strcmp(desc.name, kKernelNames[kAddToInt]))
    call->commands.push_back([=] {
      *reinterpret_cast<int64_t *>(at(0)) =
          *reinterpret_cast<int64_t *>(at(1)) + count;
    });
  else
    abort();
}

void sym_rt_copy_on_device(sym_frame *frame, void *to, const void *from,
                           int64_t bytes) {
  addCopy(callOfFrame(frame), to, from, bytes);
}

int32_t sym_rt_copy_to_host(sym_frame *frame, void *to, const void *from,
                            int64_t bytes) {
  DeviceCall *call = callOfFrame(frame);
  {
    Lock lock(fake().mutex);
    enqueueCommands(call);
  }
  if (sym_status s = download(call->program->ordinal, to, from, bytes)) {
    refuseService(frame);
    return s;
  }
  return SYM_OK;
}

//===----------------------------------------------------------------------===//
// What tests ask
//===----------------------------------------------------------------------===//

bool symtest::failDevice(int64_t k, sym_status status) {
  Lock lock(fake().mutex);
  bool happened = fake().failed;
  fake().failed = false;
  fake().failIn = k;
  fake().failWith = status;
  return happened;
}

void symtest::loseDevice(int ordinal, bool lost) {
  Lock lock(fake().mutex);
  fake().lost[ordinal] = lost;
}

void symtest::capDevice(int64_t bytes) {
  Lock lock(fake().mutex);
  fake().cap = bytes;
}

FakeCounts symtest::fakeCounts() {
  Lock lock(fake().mutex);
  return fake().counts;
}

// Its kernels are in this file.
const sym_image_desc *symtest::deviceImages() { return nullptr; }
int32_t symtest::numDeviceImages() { return 0; }
