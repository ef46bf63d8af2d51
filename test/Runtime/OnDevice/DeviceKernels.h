//===- DeviceKernels.h - The kernels of the main program --------*- C++ -*-===//

#ifndef SYM_TEST_RUNTIME_ONDEVICE_DEVICEKERNELS_H
#define SYM_TEST_RUNTIME_ONDEVICE_DEVICEKERNELS_H

namespace symtest {

/// addVectors(f64 *to, f64 *a, f64 *b, i64 n): to = a + b.
/// addToInt(i64 *to, i64 *from, i64 k): to = from + k.
enum { kAddVectors, kAddToInt, kNumKernels };
constexpr const char *kKernelNames[kNumKernels] = {"addVectors", "addToInt"};

} // namespace symtest

#endif // SYM_TEST_RUNTIME_ONDEVICE_DEVICEKERNELS_H
