//===- DriverOpeningTests.cpp - No driver, an old one, no device ----------===//

#include "DeviceFixture.h"

#include <sys/stat.h>
#include <unistd.h>

using namespace sym::rt;
using namespace sym::rt::test;
using testing::HasSubstr;

/// Opens the simulated driver with options, under a name that was not used
/// before: what was opened once stays open.
static sym_status openAs(const char *name, const char *options) {
  EXPECT_EQ(control().reset(options), 0);
  std::string path = SYM_TEST_SIMULATOR;
  path.insert(path.rfind('/'), std::string("/./") + name + "/..");
  std::string folder = path.substr(0, path.rfind("/.."));
  EXPECT_EQ(access(folder.c_str(), F_OK) == 0 || !mkdir(folder.c_str(), 0755),
            true);
  const Driver *driver = nullptr;
  sym_status status = openDriver(path.c_str(), &driver);
  rmdir(folder.c_str());
  EXPECT_EQ(driver == nullptr, status != SYM_OK);
  return status;
}

TEST(DriverOpening, NoSuchLibrary) {
  const Driver *driver;
  EXPECT_EQ(openDriver("/no/such/libcuda.so.1", &driver), SYM_NO_DRIVER);
  EXPECT_THAT(sym_error_message(), HasSubstr("no CUDA driver"));
  EXPECT_THAT(sym_error_message(), HasSubstr("/no/such/libcuda.so.1"));
}

TEST(DriverOpening, NotADriver) {
  const Driver *driver;
  EXPECT_EQ(openDriver("libm.so.6", &driver), SYM_NO_DRIVER);
  EXPECT_THAT(sym_error_message(), HasSubstr("is no CUDA driver"));
}

TEST(DriverOpening, ToolkitsStub) {
  if (access(SYM_TEST_STUB, R_OK))
    GTEST_SKIP() << "the toolkit has no stub";
  const Driver *driver;
  EXPECT_EQ(openDriver(SYM_TEST_STUB, &driver), SYM_NO_DRIVER)
      << sym_error_message();
  EXPECT_THAT(sym_error_message(), HasSubstr("stub"));
}

TEST(DriverOpening, SimulatedStub) {
  EXPECT_EQ(openAs("stub", "init-error=34"), SYM_NO_DRIVER);
  EXPECT_THAT(sym_error_message(), HasSubstr("stub"));
}

TEST(DriverOpening, TooOld) {
  EXPECT_EQ(openAs("old", "driver-version=11080"), SYM_DRIVER_TOO_OLD);
  EXPECT_STREQ(sym_error_message(),
               "the CUDA driver supports 11.8; 12.0 or newer is needed");
}

TEST(DriverOpening, NoDevice) {
  EXPECT_EQ(openAs("none", "devices=0"), SYM_NO_DEVICE);
  EXPECT_EQ(openAs("hidden", "init-error=100"), SYM_NO_DEVICE);
}

TEST(DriverOpening, FailsThenWorks) {
  EXPECT_EQ(openAs("later", "init-error=999"), SYM_DEVICE_LOST);
  EXPECT_EQ(openAs("later", ""), SYM_OK) << sym_error_message();
}

TEST(DriverOpening, EveryCallOfOpeningMayFail) {
  for (int k = 1;; ++k) {
    std::string name = "call" + std::to_string(k);
    std::string options = "fail-call=" + std::to_string(k) + ":999";
    sym_status status = openAs(name.c_str(), options.c_str());
    if (control().calls() < uint64_t(k)) {
      EXPECT_EQ(status, SYM_OK);
      EXPECT_GT(k, 2) << "cuInit and cuDeviceGetCount at least";
      break;
    }
    EXPECT_EQ(status, SYM_DEVICE_LOST) << k;
  }
}

TEST(DriverOpening, AskedAgainItIsTheSame) {
  const Driver *first = nullptr, *second = nullptr;
  ASSERT_OK(openDriver("sim", &first));
  ASSERT_OK(openDriver("sim", &second));
  EXPECT_EQ(first, second);
  EXPECT_TRUE(first->isStandIn);
}

TEST(DriverOpening, MisspeltOptionIsNoDriver) {
  EXPECT_EQ(control().reset("sede=4"), 1);
  EXPECT_EQ(control().reset("devices=99"), 1);
  EXPECT_EQ(control().reset("fail-call=4"), 1);
  EXPECT_EQ(control().reset(""), 0);
}
