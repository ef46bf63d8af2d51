//===- QueueFixture.cpp - A program on a device, through the table --------===//

#include "QueueFixture.h"

using namespace sym::rt;
using namespace sym::rt::test;

static const int32_t kThreePointers[] = {8, 8, 8, 4};
static const int32_t kPointerAndCount[] = {8, 4};

TestProgram::TestProgram() : image(readFile(SYM_TEST_IMAGE)) {
  images[0] = {SYM_IMAGE_CUBIN, 90, "no image", 8};
  images[1] = {SYM_IMAGE_SIM, 0, image.data(), int64_t(image.size())};
  kernels[kAdd] = {"add", 4, 0, kThreePointers};
  kernels[kIncrement] = {"increment", 2, 0, kPointerAndCount};
  kernels[kTwice] = {"twice", 2, 0, kPointerAndCount};
  kernels[kTraps] = {"traps", 1, 0, kPointerAndCount};
  desc.abi_version = SYM_ABI_VERSION;
  desc.size = sizeof(desc);
  desc.name = "kernels";
  desc.target = "";
  desc.num_images = 2;
  desc.images = images;
  desc.kernels = kernels;
  desc.num_kernels = 4;
  desc.devices = sym_rt_devices;
}

void Variant::launch(Kernel kernel, int blocks, int threads,
                     std::initializer_list<void *> params) {
  sym_grid grid = {{blocks, 1, 1}, {threads, 1, 1}};
  sym_rt_launch(frame, kernel, &grid, params.begin());
}
void Variant::increment(void *p, unsigned count) {
  launch(kIncrement, 2, 64, {&p, &count});
}
void Variant::twice(void *p, unsigned count) {
  launch(kTwice, 2, 64, {&p, &count});
}

sym_status
sym::rt::test::callOn(DeviceProgram *program, const void *key,
                      const std::function<int32_t(Variant &)> &body,
                      const std::function<void(DeviceCall *)> &after) {
  FrameRecord record(/*isHost=*/false);
  sym_frame frame = {};
  frame.runtime = &record;
  record.device = ops().begin(program, key);
  if (!record.device)
    return lastStatus();
  Variant variant = {&frame};
  sym_status status = body(variant);
  if (!status)
    status = record.status;
  if (!status) {
    if (after)
      after(record.device);
    status = ops().submit(record.device);
  }
  if (!status)
    status = ops().finish(record.device);
  ops().end(record.device);
  return status;
}

sym_device_statistics sym::rt::test::statistics(int device) {
  sym_device_statistics all;
  EXPECT_OK(sym_device_get_statistics(device, &all));
  return all;
}

std::vector<unsigned> Words::values() const {
  std::vector<unsigned> all(static_cast<size_t>(count));
  if (ops().download(device, all.data(), data, count * 4))
    all.clear();
  return all;
}

void QueueTest::begin(const char *options) {
  simulated(options);
  ASSERT_OK(sym_device_select("sim"));
  ASSERT_OK(ops().open(0));
}

void QueueTest::reset(const char *options) {
  sym_device_shutdown();
  begin(options);
}

void QueueTest::TearDown() {
  EXPECT_OK(sym_device_shutdown());
  EXPECT_EQ(countLeft(), 0);
}

DeviceProgram *QueueTest::retain(int device) {
  DeviceProgram *retained = nullptr;
  EXPECT_OK(ops().retainProgram(device, &program.desc, &retained));
  return retained;
}
