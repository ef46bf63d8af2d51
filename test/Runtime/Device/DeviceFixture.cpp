//===- DeviceFixture.cpp - A device of each driver that there is ----------===//

#include "DeviceFixture.h"

#include <fstream>
#include <iterator>
#include <string.h>

using namespace sym::rt;
using namespace sym::rt::test;

std::vector<char> sym::rt::test::readFile(const char *path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
  bytes.push_back(0);
  return bytes;
}

sym_status Setting::open(const Driver &driver, int ordinal) {
  if (sym_status status = device.open(driver, ordinal))
    return status;
  const char *path = driver.isStandIn ? SYM_TEST_IMAGE : SYM_TEST_PTX;
  if (sym_status status = module.load(device, readFile(path).data()))
    return status;
  if (sym_status status = pool.create(device))
    return status;
  if (sym_status status = stream.create(device))
    return status;
  return staging.create(device, 4096);
}

const sym_sim_control &sym::rt::test::control() {
  static const sym_sim_control *found = [] {
    const Driver *driver = nullptr;
    void *address = nullptr;
    EXPECT_OK(openDriver("sim", &driver));
    driver->getProcAddress("symSimControl", &address, kDriverInterface, 0,
                           nullptr);
    return static_cast<const sym_sim_control *>(address);
  }();
  return *found;
}

const Driver *sym::rt::test::simulated(const char *options) {
  EXPECT_EQ(control().reset(options), 0);
  const Driver *driver = nullptr;
  EXPECT_OK(openDriver("sim", &driver));
  // The table is known already; the driver behind it begins anew.
  void *init = nullptr;
  driver->getProcAddress("cuInit", &init, kDriverInterface, 0, nullptr);
  EXPECT_EQ(reinterpret_cast<PFN_cuInit_v2000>(init)(0), CUDA_SUCCESS);
  control().reset_calls();
  return driver;
}

sym_sim_counts sym::rt::test::counts() {
  sym_sim_counts all;
  control().counts(&all);
  return all;
}

int64_t sym::rt::test::countLeft() {
  sym_sim_counts left = counts();
  return left.contexts + left.streams + left.events + left.modules +
         left.graphs + left.graph_execs + left.pools + left.allocations +
         left.pinned + left.device_bytes;
}

std::string sym::rt::test::report() {
  char text[4096];
  control().report(text, sizeof(text));
  return text;
}

std::vector<const char *> sym::rt::test::installedDrivers() {
  std::vector<const char *> all = {"sim"};
  const Driver *installed;
  if (openDriver(nullptr, &installed) == SYM_OK)
    all.push_back("cuda");
  return all;
}

void DeviceTest::SetUp() {
  if (isSimulated()) {
    driver = simulated("");
    return;
  }
  ASSERT_OK(openDriver(nullptr, &driver));
}

void SimulatedTest::TearDown() {
  sym_sim_counts left = counts();
  EXPECT_EQ(left.contexts, 0);
  EXPECT_EQ(left.streams, 0);
  EXPECT_EQ(left.events, 0);
  EXPECT_EQ(left.modules, 0);
  EXPECT_EQ(left.graphs, 0);
  EXPECT_EQ(left.graph_execs, 0);
  EXPECT_EQ(left.pools, 0);
  EXPECT_EQ(left.allocations, 0);
  EXPECT_EQ(left.pinned, 0);
  EXPECT_EQ(left.device_bytes, 0);
}
