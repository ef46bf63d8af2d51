//===- Npy.h - NumPy's file format for one array ----------------*- C++ -*-===//
//
// Reads versions 1.0 to 3.0, writes 1.0 (2.0 for very long headers does not
// occur: the rank is bounded). Reading is strict: what is not understood in
// full is SYM_BAD_FORMAT. Pickled objects, structures and texts are refused.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_NPY_H
#define SYM_LIB_RUNTIME_STORE_NPY_H

#include "File.h"

namespace sym::rt {

struct NpyHeader {
  int32_t element;  ///< 0 for raw bytes (V), which only a schema explains
  int32_t itemSize; ///< bytes of an element
  bool swapped;     ///< stored in the other byte order
  bool fortranOrder;
  int32_t rank;
  int64_t sizes[kMaxRank];
  int64_t headerBytes; ///< of the header with magic and padding
  int64_t dataBytes;
};

/// Reads the header; `what` names the file or entry in messages.
sym_status readNpyHeader(ByteSource &source, const char *what,
                         NpyHeader *header);

/// Reads the data behind a header as an array of `element` (the header's, or
/// one of the same size that a schema names); the caller owns *out.
sym_status readNpyData(ByteSource &source, const NpyHeader &header,
                       int32_t element, Buffer **out);

/// Writes the header of a row-major array; returns its length. Types that
/// NumPy lacks become unsigned integers of their width, or raw bytes.
constexpr int kNpyHeaderCapacity = 2048;
int writeNpyHeader(int32_t element, int32_t rank, const int64_t *sizes,
                   char *out);

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_NPY_H
