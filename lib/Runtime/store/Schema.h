//===- Schema.h - What an .npz file says about its variables ----*- C++ -*-===//
//
// The entry __sym__ of a saved instance: a JSON text in an array of bytes.
//   {"format": "sym", "version": 1, "variables": [
//     {"name": "w", "element": "bf16", "shape": [2, 3]}, …]}
// A variable without a value has the shape null. Files of NumPy have no such
// entry, and need none unless an element type is one that NumPy lacks.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_LIB_RUNTIME_STORE_SCHEMA_H
#define SYM_LIB_RUNTIME_STORE_SCHEMA_H

#include "../memory/Vector.h"
#include "Variable.h"

namespace sym::rt {

constexpr int kSchemaVersion = 1;
constexpr const char *kSchemaName = "__sym__";

struct SchemaEntry {
  int64_t name; ///< offset into the texts
  int32_t nameLength;
  int32_t element;
  int32_t rank; ///< -1: no value
  int64_t sizes[kMaxRank];
};

class Schema {
public:
  /// Reads the JSON text; `what` names the file in messages.
  sym_status parse(const char *text, int64_t length, const char *what);
  /// The entry with this name, or null.
  const SchemaEntry *find(const char *name, size_t length) const;
  int64_t size() const { return entries.size(); }

private:
  friend class SchemaParser;
  Vector<SchemaEntry> entries;
  Vector<char> texts; ///< names, decoded
};

/// Appends the schema of variables and their values (null: none) to `out`;
/// false without memory.
bool writeSchema(Variable *const *variables, Buffer *const *values, int count,
                 Vector<char> &out);

} // namespace sym::rt

#endif // SYM_LIB_RUNTIME_STORE_SCHEMA_H
