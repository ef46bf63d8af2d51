//===- Literal.h - Arrays written on a command line -------------*- C++ -*-===//

#ifndef SYM_LIB_DRIVER_LITERAL_H
#define SYM_LIB_DRIVER_LITERAL_H

#include "sym/Runtime/sym_runtime.h"

#include <string>
#include <vector>

namespace sym::driver {

/// A dense array of the driver's own.
struct Array {
  std::vector<char> bytes;
  std::vector<int64_t> sizes;
  int32_t element = 0;

  sym_tensor view() {
    return {bytes.data(), element, int32_t(sizes.size()), sizes.data(),
            nullptr};
  }
};

/// Reads a number, or nested lists of numbers such as [[1, 2], [3, 4]], as an
/// array of `type`. A static size decides what an empty list leaves open.
/// False, and what is wrong with the text, on failure.
bool parseArray(const std::string &text, const sym_type_desc &type, Array &out,
                std::string &error);

} // namespace sym::driver

#endif // SYM_LIB_DRIVER_LITERAL_H
