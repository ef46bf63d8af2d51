//===- DeviceProgram.h - What the main program runs on ----------*- C++ -*-===//

#ifndef SYM_TEST_RUNTIME_ONDEVICE_DEVICEPROGRAM_H
#define SYM_TEST_RUNTIME_ONDEVICE_DEVICEPROGRAM_H

#include "sym/Runtime/abi.h"

namespace symtest {

/// The kernels for the devices that the test is linked with; none for the fake,
/// which knows them by name.
const sym_image_desc *deviceImages();
int32_t numDeviceImages();

} // namespace symtest

#endif // SYM_TEST_RUNTIME_ONDEVICE_DEVICEPROGRAM_H
