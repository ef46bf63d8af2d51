//===- SaveLoad.cpp - Instances in .npz files -----------------------------===//
//
// An entry per variable, `<name>.npy`, and the schema. Saving is a snapshot of
// all variables (T1) that is written while calls go on; loading reads and
// checks everything first and then publishes it in one instant.
//
//===----------------------------------------------------------------------===//

#include "Host.h"
#include "Npy.h"
#include "Schema.h"
#include "Zip.h"

#include <stdio.h>

using namespace sym::rt;

namespace {
/// References to values that go when the scope ends.
class Values {
public:
  explicit Values(int count) : count(count) {
    data = static_cast<Buffer **>(allocate(8 * int64_t(count)));
    for (int i = 0; data && i < count; ++i)
      data[i] = nullptr;
  }
  ~Values() {
    for (int i = 0; data && i < count; ++i)
      releaseBuffer(data[i]);
    deallocate(data, 8 * int64_t(count));
  }
  Values(const Values &) = delete;
  Values &operator=(const Values &) = delete;
  Buffer **data;

private:
  int count;
};

sym_status checkNames(const sym_instance &instance, const char *path) {
  int count = instance.program->num_variables;
  for (int i = 0; i < count; ++i) {
    const char *name = instance.variables[i]->name;
    size_t length = strlen(name);
    if (length == 0 || length > 4096 || strcmp(name, kSchemaName) == 0)
      return fail(SYM_INVALID_ARGUMENT,
                  "%s: a variable named '%s' cannot be an entry of the file",
                  path, length > 200 ? "(too long)" : name);
    for (int j = 0; j < i; ++j)
      if (strcmp(instance.variables[j]->name, name) == 0)
        return fail(SYM_INVALID_ARGUMENT,
                    "%s: two variables are named '%s'; entries of a file need "
                    "names of their own",
                    path, name);
  }
  return SYM_OK;
}

sym_status addArray(ZipWriter &zip, const char *entryName, int32_t element,
                    int32_t rank, const int64_t *sizes, const void *data,
                    size_t bytes) {
  char header[kNpyHeaderCapacity];
  int length = writeNpyHeader(element, rank, sizes, header);
  return zip.add(entryName, header, size_t(length), data, bytes);
}

/// The name of a variable's entry, in `names`, which must not grow later.
const char *entryName(Vector<char> &names, const char *name) {
  char *at = names.end();
  names.append(name, int64_t(strlen(name)));
  names.append(".npy", 5);
  return at;
}
} // namespace

//===----------------------------------------------------------------------===//
// Saving
//===----------------------------------------------------------------------===//

sym_status sym_instance_save(sym_instance *instance, const char *path) {
  NoCancellation noCancellation;
  InstanceInUse inUse(*instance);
  int count = instance->program->num_variables;
  if (sym_status s = checkNames(*instance, path))
    return s;
  // All that needs memory before the pins: those make updates copy.
  Values values(count);
  Vector<char> names, schema;
  int64_t nameBytes = int64_t(strlen(kSchemaName)) + 5;
  for (int i = 0; i < count; ++i)
    nameBytes += int64_t(strlen(instance->variables[i]->name)) + 5;
  if (!values.data || !names.reserve(nameBytes))
    return lastStatus();
  ReplacingFile file;
  if (sym_status s = file.open(path))
    return s;

  if (sym_status s = snapshot(instance->variables, count, values.data))
    return s;
  if (!writeSchema(instance->variables, values.data, count, schema))
    return lastStatus();
  ZipWriter zip(file);
  int64_t bytes = schema.size();
  if (sym_status s =
          addArray(zip, entryName(names, kSchemaName), SYM_ELEMENT_U8, 1,
                   &bytes, schema.data(), size_t(bytes)))
    return s;
  for (int i = 0; i < count; ++i) {
    if (!values.data[i])
      continue;
    // One at a time, so that the host needs no room for all.
    if (!(values.data[i] = moveBufferTo({}, values.data[i])))
      return lastStatus();
    const Buffer *value = values.data[i];
    if (sym_status s = addArray(
            zip, entryName(names, instance->variables[i]->name), value->element,
            value->rank, value->sizes, value->data, size_t(value->bytes)))
      return s;
    if (instance->variables[i]->place.onDevice()) {
      releaseBuffer(values.data[i]);
      values.data[i] = nullptr;
    }
  }
  if (sym_status s = zip.finish())
    return s;
  return file.commit();
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

namespace {
class Loader {
public:
  Loader(sym_instance &instance, ZipReader &zip, const char *path)
      : instance(instance), zip(zip), path(path),
        count(instance.program->num_variables), values(count) {}

  sym_status load(bool partial);

private:
  sym_status readSchema(const ZipEntry &entry);
  sym_status readVariable(const ZipEntry &entry, size_t nameLength);
  sym_status checkMissing(bool partial);
  sym_status publishAll();

  sym_instance &instance;
  ZipReader &zip;
  const char *path;
  int count;
  Values values;
  Schema schema;
  bool hasSchema = false;
};

/// The length of `name` without ".npy"; -1 if it ends otherwise.
int64_t stemLength(const ZipEntry &entry) {
  int64_t stem = int64_t(entry.nameLength) - 4;
  return stem >= 0 && memcmp(entry.name + stem, ".npy", 4) == 0 ? stem : -1;
}

bool isSchema(const ZipEntry &entry, int64_t stem) {
  return stem == int64_t(strlen(kSchemaName)) &&
         memcmp(entry.name, kSchemaName, size_t(stem)) == 0;
}

sym_status Loader::readSchema(const ZipEntry &entry) {
  ZipEntrySource source(zip, entry);
  NpyHeader header;
  if (sym_status s = source.open())
    return s;
  if (sym_status s = readNpyHeader(source, path, &header))
    return s;
  if (header.element != SYM_ELEMENT_U8 || header.rank != 1 ||
      uint64_t(header.headerBytes) + uint64_t(header.dataBytes) != entry.size)
    return fail(SYM_BAD_FORMAT, "%s: the entry %s is not a text", path,
                kSchemaName);
  Buffer *text;
  if (sym_status s = readNpyData(source, header, SYM_ELEMENT_U8, &text))
    return s;
  sym_status s = source.finish();
  if (!s)
    s = schema.parse(static_cast<char *>(text->data), text->bytes, path);
  releaseBuffer(text);
  hasSchema = s == SYM_OK;
  return s;
}

sym_status Loader::readVariable(const ZipEntry &entry, size_t nameLength) {
  int index = -1;
  for (int i = 0; i < count; ++i)
    if (strlen(instance.variables[i]->name) == nameLength &&
        memcmp(instance.variables[i]->name, entry.name, nameLength) == 0)
      index = i;
  char what[512];
  snprintf(what, sizeof(what), "%s: variable '%.*s'", path,
           int(nameLength < 200 ? nameLength : 200), entry.name);
  if (index < 0)
    return fail(SYM_NOT_FOUND, "%s: the program has no such variable", what);
  if (values.data[index])
    return fail(SYM_BAD_FORMAT, "%s: it occurs twice", what);

  ZipEntrySource source(zip, entry);
  NpyHeader header;
  if (sym_status s = source.open())
    return s;
  if (sym_status s = readNpyHeader(source, what, &header))
    return s;
  // Before memory is asked for: the entry must be as long as it says.
  if (uint64_t(header.headerBytes) + uint64_t(header.dataBytes) != entry.size)
    return fail(SYM_BAD_FORMAT, "%s: its length contradicts its shape", what);
  int32_t element = header.element;
  const SchemaEntry *known =
      hasSchema ? schema.find(entry.name, nameLength) : nullptr;
  if (known) {
    // The schema may rename integers and raw bytes; nothing else.
    const ElementInfo &info = elementInfo(known->element);
    bool renames =
        !info.numpy && info.size == header.itemSize &&
        (!element || elementInfo(element).kind == ElementClass::Unsigned);
    if (known->element != element && !renames)
      return fail(SYM_BAD_FORMAT, "%s: its type contradicts the schema", what);
    element = known->element;
  }
  if (!element)
    return fail(SYM_BAD_FORMAT, "%s: raw bytes have no element type", what);
  sym_tensor shape = {&header, element, header.rank, header.sizes, nullptr};
  if (sym_status s = checkTensor(shape, instance.variables[index]->type, what))
    return s;
  if (sym_status s = readNpyData(source, header, element, &values.data[index]))
    return s;
  if (sym_status s = source.finish())
    return s;
  values.data[index] =
      moveBufferTo(instance.variables[index]->place, values.data[index]);
  return values.data[index] ? sym_status(SYM_OK) : lastStatus();
}

sym_status Loader::checkMissing(bool partial) {
  for (int i = 0; i < count; ++i) {
    const char *name = instance.variables[i]->name;
    const SchemaEntry *known =
        hasSchema ? schema.find(name, strlen(name)) : nullptr;
    if (values.data[i]) {
      if (known && known->rank < 0)
        return fail(SYM_BAD_FORMAT,
                    "%s: variable '%s' has a value that the schema denies",
                    path, name);
      continue;
    }
    if (known && known->rank >= 0)
      return fail(SYM_BAD_FORMAT,
                  "%s: variable '%s' has no value, but the schema lists one",
                  path, name);
    if (!partial)
      return fail(SYM_NOT_FOUND, "%s: the file has no variable '%s'", path,
                  name);
  }
  return SYM_OK;
}

sym_status Loader::publishAll() {
  // Only those that the file has; their ids ascend with their index.
  Values chosen(count), old(count);
  if (!chosen.data || !old.data)
    return lastStatus();
  auto **variables = reinterpret_cast<Variable **>(chosen.data);
  int n = 0;
  for (int i = 0; i < count; ++i)
    if (values.data[i]) {
      variables[n] = instance.variables[i];
      old.data[n++] = values.data[i];
      values.data[i] = nullptr;
    }
  // What is left in `old` goes with it: the new values or the replaced ones.
  sym_status status = publish(variables, n, old.data);
  for (int i = 0; i < count; ++i)
    chosen.data[i] = nullptr; // these are no values
  return status;
}

sym_status Loader::load(bool partial) {
  if (!values.data)
    return lastStatus();
  for (const ZipEntry &entry : zip.entries())
    if (isSchema(entry, stemLength(entry)))
      if (sym_status s = readSchema(entry))
        return s;
  for (const ZipEntry &entry : zip.entries()) {
    int64_t stem = stemLength(entry);
    if (stem < 0)
      return fail(SYM_BAD_FORMAT, "%s: the entry '%.*s' is not an array", path,
                  int(entry.nameLength < 200 ? entry.nameLength : 200),
                  entry.name);
    if (isSchema(entry, stem))
      continue;
    if (sym_status s = readVariable(entry, size_t(stem)))
      return s;
  }
  if (sym_status s = checkMissing(partial))
    return s;
  return publishAll();
}
} // namespace

sym_status sym_instance_load(sym_instance *instance, const char *path,
                             int32_t partial) {
  NoCancellation noCancellation;
  InstanceInUse inUse(*instance);
  if (sym_status s = checkNames(*instance, path))
    return s;
  InputFile file;
  if (sym_status s = file.open(path))
    return s;
  ZipReader zip(file);
  if (sym_status s = zip.open())
    return s;
  return Loader(*instance, zip, path).load(partial != 0);
}
