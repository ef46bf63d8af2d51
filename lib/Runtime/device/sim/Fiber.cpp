//===- Fiber.cpp - Stacks that threads of a block run on ------------------===//

#include "Fiber.h"

#include <boost/context/detail/fcontext.hpp>

#include <sys/mman.h>

// Both sanitizers must be told of a switch, or they take one stack's frames for
// another's.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SYM_SIM_ASAN 1
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if __has_feature(thread_sanitizer)
#define SYM_SIM_TSAN 1
#include <sanitizer/tsan_interface.h>
#endif
#endif

using namespace sym::sim;
using boost::context::detail::jump_fcontext;
using boost::context::detail::make_fcontext;
using boost::context::detail::transfer_t;

/// Room for a kernel's own arrays, a service that formats a report, and the
/// sanitizers' frames; pages are touched as they are used.
static constexpr size_t kStackBytes = 256 << 10;
static constexpr size_t kGuardBytes = 4096;

// A function that ThreadSanitizer sees return between its switch and the jump
// would pop the other stack's frame.
#define SYM_SIM_SWITCH                                                         \
  __attribute__((always_inline, no_sanitize("thread"))) inline

/// What runs first after a switch: `own` is the stack that runs now, `from` the
/// one that was left, null at a fiber's start.
SYM_SIM_SWITCH static void arrived([[maybe_unused]] Stack &own,
                                   [[maybe_unused]] Stack *from) {
#if SYM_SIM_ASAN
  const void *bottom = nullptr;
  size_t size = 0;
  __sanitizer_finish_switch_fiber(own.asanFake, &bottom, &size);
  // The system thread's own stack is learnt this way.
  if (from && !from->bottom) {
    from->bottom = const_cast<void *>(bottom);
    from->size = size;
  }
#endif
}

SYM_SIM_SWITCH static void leaving([[maybe_unused]] Stack &own,
                                   [[maybe_unused]] Stack &to) {
#if SYM_SIM_ASAN
  __sanitizer_start_switch_fiber(&own.asanFake, to.bottom, to.size);
#endif
#if SYM_SIM_TSAN
  __tsan_switch_to_fiber(to.tsanFiber, 0);
#endif
}

struct Fiber::Entry {
  static void run(transfer_t from) {
    Fiber &fiber = *static_cast<Fiber *>(from.data);
    fiber.back->context = from.fctx;
    arrived(fiber.stack, fiber.back);
    fiber.body(fiber.argument);
    __builtin_trap();
  }
};

Fiber::Fiber(void (*body)(void *), void *argument)
    : body(body), argument(argument) {
  void *memory =
      mmap(nullptr, kStackBytes + kGuardBytes, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return;
  // Overflow meets the guard and not another stack.
  mprotect(memory, kGuardBytes, PROT_NONE);
  stack.bottom = static_cast<char *>(memory) + kGuardBytes;
  stack.size = kStackBytes;
  prepare();
}

void Fiber::prepare() {
  stack.asanFake = nullptr;
  stack.context = make_fcontext(static_cast<char *>(stack.bottom) + stack.size,
                                stack.size, &Entry::run);
#if SYM_SIM_TSAN
  stack.tsanFiber = __tsan_create_fiber(0);
#endif
}

void Fiber::reset() {
#if SYM_SIM_TSAN
  __tsan_destroy_fiber(stack.tsanFiber);
#endif
#if SYM_SIM_ASAN
  __asan_unpoison_memory_region(stack.bottom, stack.size);
#endif
  prepare();
}

Fiber::~Fiber() {
  if (!stack.bottom)
    return;
#if SYM_SIM_TSAN
  __tsan_destroy_fiber(stack.tsanFiber);
#endif
  munmap(static_cast<char *>(stack.bottom) - kGuardBytes,
         kStackBytes + kGuardBytes);
}

void Fiber::resume(Stack &scheduler) {
  back = &scheduler;
#if SYM_SIM_TSAN
  scheduler.tsanFiber = __tsan_get_current_fiber();
#endif
  leaving(scheduler, stack);
  transfer_t from = jump_fcontext(stack.context, this);
  stack.context = from.fctx;
  arrived(scheduler, nullptr);
}

void Fiber::suspend() {
  leaving(stack, *back);
  transfer_t from = jump_fcontext(back->context, nullptr);
  back->context = from.fctx;
  arrived(stack, back);
}
