//===- CallOnDevice.h - What a device function's call adds ------*- C++ -*-===//
//
// The variant of a device function runs on the host and writes down what it
// asks of the device. The steps here stand between those of Call.cpp:
//
//   before the variant   the record begins; values on the host that the variant
//                        will write are saved
//   after it             results that are wanted on the host are added; then
//                        all is enqueued, or nothing. In the second case what
//                        was saved is put back, and the call has not happened
//                        (T4)
//   commit               as on the host: what is exchanged will be there in the
//                        order of the queue
//   without locks        what the host wants is waited for
//
// So a call is linearized where it is enqueued (T5): under its locks.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_CALLONDEVICE_H
#define SYM_LIB_RUNTIME_STORE_CALLONDEVICE_H

#include "Frame.h"

namespace sym::rt {

/// Before the variant that call.inPlace names.
sym_status beginOnDevice(CallFrame &call);
/// After it, when nothing else can fail any more but this.
sym_status submitOnDevice(CallFrame &call);
/// Without locks: ends the record if there is one, and answers `status`, or
/// what waiting for results came to.
sym_status finishOnDevice(CallFrame &call, sym_status status);

/// The result's or update's buffer on the device; null on failure.
void *resultOnDevice(CallFrame &call, int32_t slot, const int64_t *sizes);
/// sym_rt_result_from_source of a device function; false if it is no different
/// from one of the host.
bool resultFromSourceOnDevice(CallFrame &call, int32_t slot, int32_t source,
                              sym_status *status);

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_CALLONDEVICE_H
