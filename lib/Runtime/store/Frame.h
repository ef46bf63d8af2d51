//===- Frame.h - The record of a running call -------------------*- C++ -*-===//
//
// What sym_frame::runtime points at: everything that a call, or a host
// program, has allocated, so that it is freed however the call ends. Lives on
// the stack of the thread that runs the call, and only that thread touches it.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_FRAME_H
#define SYM_LIB_RUNTIME_STORE_FRAME_H

#include "Function.h"
#include "Pins.h"

namespace sym::rt {

/// Refuses a program made for another version of the ABI.
sym_status checkProgram(const sym_program *program);

struct DeviceCall;

struct FrameRecord {
  explicit FrameRecord(bool isHost) : isHost(isHost) {}
  ~FrameRecord() {
    if (SYM_UNLIKELY(temporaries != nullptr))
      freeTemporaries();
    if (arena)
      releaseArena(arena, arenaCapacity);
  }
  FrameRecord(const FrameRecord &) = delete;
  FrameRecord &operator=(const FrameRecord &) = delete;

  /// The frame takes over a managed buffer that nobody else refers to.
  void adopt(Buffer *buffer) {
    buffer->frame = {temporaries, nullptr};
    if (temporaries)
      temporaries->frame.previous = buffer;
    temporaries = buffer;
  }
  /// Frees an adopted buffer early.
  void drop(Buffer *buffer) {
    (buffer->frame.previous ? buffer->frame.previous->frame.next
                            : temporaries) = buffer->frame.next;
    if (buffer->frame.next)
      buffer->frame.next->frame.previous = buffer->frame.previous;
    releaseBuffer(buffer);
  }
  void freeTemporaries();
  /// Keeps the first fault of a call, and answers null for a service.
  void *refuse() {
    if (status == SYM_OK)
      status = lastStatus();
    return nullptr;
  }

  /// The first fault, recorded by a service that returned null.
  sym_status status = SYM_OK;
  bool isHost;
  Buffer *temporaries = nullptr;
  void *arena = nullptr;
  int64_t arenaCapacity = 0;
  /// Of a device function's call: what its variant writes down. Set between
  /// `begin` and `end` of sym_device_ops; the sym_rt_* services of devices add
  /// to it.
  DeviceCall *device = nullptr;
};

/// Where a result of a call is on its way to.
enum class ResultRoute : uint8_t {
  Array,   ///< a buffer of its own, which the caller gets
  Direct,  ///< written straight into the caller's memory
  Staged,  ///< a buffer that is copied into the caller's memory at the end
  Handed,  ///< the buffer of source `handedFrom`: moves or is pinned at commit
  Fetched, ///< copied from the device, behind what the call asks of it, to the
           ///< caller's memory or to `fetched`
};

struct CallFrame : FrameRecord {
  CallFrame(const Function &function, const sym_tensor *args,
            sym_result *results, CallMode mode, const uint8_t *keepOnDevice)
      : FrameRecord(false), function(function), args(args), results(results),
        mode(mode), keepOnDevice(keepOnDevice) {}

  /// Plans the arrays that a call of this function needs behind its record.
  static FrameLayout layoutFor(const Function &function);
  /// Lays the arrays out in `memory`.
  void layOut(char *memory);
  /// Takes back what the slots show.
  void resetSlots();

  sym_frame abi;
  const Function &function;
  const sym_tensor *args;
  sym_result *results;
  CallMode mode;
  const uint8_t *keepOnDevice; ///< per result, or null
  bool inPlace = false;
  int64_t *argBytes; ///< per argument
  Buffer **sources;  ///< pre-call values, kept by L or by pins
  ShortPins pins;    ///< of a call without updates
  Buffer **produced; ///< per slot: what sym_rt_result made, or null
  Buffer **replaced; ///< values to drop, `numReplaced` of them
  int32_t numReplaced = 0;
  Buffer **fetched; ///< per result of a device function: on the host, or null
  Buffer **saved;   ///< per update of one: what to put back, or null
  int32_t *handedFrom; ///< per result
  ResultRoute *routes; ///< per result
  uint8_t *taken;      ///< per source: some variable or result has its buffer
};

/// Whether a result fits into the caller's buffer; if not, that is recorded.
bool hasRoom(CallFrame &call, int32_t slot, const int64_t *sizes,
             int64_t *bytes);

inline FrameRecord &recordOf(sym_frame *frame) {
  return *static_cast<FrameRecord *>(frame->runtime);
}
/// The caller knows that the frame is a call's.
inline CallFrame &callOf(sym_frame *frame) {
  return static_cast<CallFrame &>(recordOf(frame));
}

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_FRAME_H
