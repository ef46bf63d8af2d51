//===- SimulatedDevices.h - What tests ask of the simulator -----*- C++ -*-===//

#ifndef SYM_TEST_RUNTIME_ONDEVICE_SIMULATEDDEVICES_H
#define SYM_TEST_RUNTIME_ONDEVICE_SIMULATEDDEVICES_H

#include <stdint.h>
#include <string>

namespace symtest {

/// Lets the `k`-th call of the driver from now on answer `error` (1 is the
/// next; 0 disarms). Returns how many calls there were since the last time.
uint64_t failDriver(uint64_t k, int error);
/// Another random order of what nothing orders.
void seedDriver(int seed);
/// What the simulator's checks have found since the last time.
std::string driverReport();

} // namespace symtest

#endif // SYM_TEST_RUNTIME_ONDEVICE_SIMULATEDDEVICES_H
