//===- Elements.h - Element types -------------------------------*- C++ -*-===//
//
// One table answers what an element code means: its size, its name, how NumPy
// spells it. Pure functions; any thread.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_BASE_ELEMENTS_H
#define SYM_LIB_RUNTIME_BASE_ELEMENTS_H

#include "sym/Runtime/sym_runtime.h"

namespace sym::rt {

enum class ElementClass : uint8_t {
  None,
  Bool,
  Signed,
  Unsigned,
  Float,
  Complex
};

struct ElementInfo {
  const char *name;  ///< "f32"; null for a code that means nothing
  const char *numpy; ///< what follows the byte order in a .npy header; null for
                     ///< types that NumPy lacks
  ElementClass kind;
  uint8_t size; ///< bytes; 0 when not a whole number of them
  uint8_t bits;
};

/// Never null; an unknown code gives the entry with a null name.
const ElementInfo &elementInfo(int32_t element);

/// "f32", or "element 99" in a static buffer of the thread.
const char *elementName(int32_t element);

/// The code with this name, 0 if there is none.
int32_t elementByName(const char *name, size_t length);

/// Reads an element of class Bool, Signed or Unsigned of at most 128 bits.
__int128 loadInteger(const void *data, int32_t element);

/// Reads an element of class Float of at most 64 bits; exact.
double loadFloat(const void *data, int32_t element);

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_BASE_ELEMENTS_H
