//===- Fiber.h - Stacks that threads of a block run on ----------*- C++ -*-===//
//
// A fiber belongs to the system thread that made it and never moves to another.
// One that stands in the middle of a kernel may be abandoned: nothing on its
// stack needs a destructor. That is why Boost.Context's fcontext is used and
// not boost::context::fiber, which unwinds a stack that it drops, by exceptions
// and through kernels that have no unwind tables.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_DEVICE_SIM_FIBER_H
#define SYM_LIB_RUNTIME_DEVICE_SIM_FIBER_H

#include <stddef.h>

namespace sym::sim {

/// What a fiber and the loop that schedules fibers each are: a place to resume.
struct Stack {
  void *context = nullptr; ///< where it stopped
  void *bottom = nullptr;
  size_t size = 0;
  void *asanFake = nullptr;
  void *tsanFiber = nullptr;
};

class Fiber {
public:
  /// `body` runs on the first resume and must not return. Null `stack.bottom`
  /// when the system has no memory for it.
  Fiber(void (*body)(void *), void *argument);
  ~Fiber();
  Fiber(const Fiber &) = delete;
  Fiber &operator=(const Fiber &) = delete;

  /// Runs the fiber until it suspends. Called on the system thread's own stack,
  /// of which `scheduler` keeps the place.
  void resume(Stack &scheduler);
  /// Goes back to who resumed the running fiber.
  void suspend();
  /// Forgets where the fiber stood: its body begins anew.
  void reset();

  bool isValid() const { return stack.bottom; }

private:
  void prepare();
  struct Entry;

  Stack stack;
  Stack *back = nullptr;
  void (*body)(void *);
  void *argument;
};

} // namespace sym::sim

#endif // SYM_LIB_RUNTIME_DEVICE_SIM_FIBER_H
