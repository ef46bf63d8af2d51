//===- Registry.h - The devices of the process ------------------*- C++ -*-===//

#ifndef SYM_LIB_RUNTIME_DEVICE_REGISTRY_H
#define SYM_LIB_RUNTIME_DEVICE_REGISTRY_H

#include "Queue.h"

namespace sym::rt {

/// The queue of a device, opened if it was not. Any thread.
sym_status openQueue(int ordinal, DeviceQueue **out);

/// The queue of a device that is open; null, with the fault recorded, if it is
/// not.
DeviceQueue *openedQueue(int ordinal);

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_DEVICE_REGISTRY_H
