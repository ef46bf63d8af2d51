//===- SimulatedDevices.cpp - The main program on the simulator -----------===//

#include "SimulatedDevices.h"
#include "../Device/DeviceFixture.h"
#include "DeviceProgram.h"
#include "sym/Runtime/sym_device.h"

using sym::rt::test::control;

const sym_image_desc *symtest::deviceImages() {
  // Before anything is opened, since programs are built first.
  EXPECT_OK(sym_device_select("sim"));
  static const auto bytes = sym::rt::test::readFile(SYM_TEST_IMAGE);
  static const sym_image_desc image = {SYM_IMAGE_SIM, 0, bytes.data(),
                                       int64_t(bytes.size())};
  return &image;
}
int32_t symtest::numDeviceImages() { return 1; }

uint64_t symtest::failDriver(uint64_t k, int error) {
  uint64_t calls = control().calls();
  std::string option = "fail-call=" + std::to_string(k ? k : 1000000000) + ":" +
                       std::to_string(error);
  EXPECT_EQ(control().configure(option.c_str()), 0) << option;
  control().reset_calls();
  return calls;
}

void symtest::seedDriver(int seed) {
  EXPECT_EQ(control().configure(("seed=" + std::to_string(seed)).c_str()), 0);
}

std::string symtest::driverReport() {
  char text[2048];
  control().report(text, sizeof(text));
  return text;
}
