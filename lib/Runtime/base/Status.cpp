//===- Status.cpp - Faults and the thread's last one ----------------------===//

#include "Status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

using namespace sym::rt;

// Not initial-exec: a fault is rare, and 1.3 KB per thread would exhaust the
// static TLS space of a process that opens the runtime as a plug-in.
static __thread ErrorRecord threadError;

ErrorRecord &sym::rt::lastError() { return threadError; }

sym_status sym::rt::lastStatus() { return threadError.status; }

sym_status sym::rt::fail(sym_status code, const char *format, ...) {
  // Formatted aside first: an argument may point into the old message.
  char text[kMessageCapacity];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof(text), format, list);
  va_end(list);
  return failAt(code, nullptr, text);
}

sym_status sym::rt::failAt(sym_status code, const char *location,
                           const char *message) {
  ErrorRecord &record = threadError;
  record.status = code;
  size_t length = strnlen(message, kMessageCapacity - 1);
  memmove(record.message, message, length);
  record.message[length] = 0;
  length = location ? strnlen(location, kLocationCapacity - 1) : 0;
  if (length)
    memmove(record.location, location, length);
  record.location[length] = 0;
  return code;
}

const char *sym_error_message(void) { return threadError.message; }

const char *sym_error_location(void) { return threadError.location; }

const char *sym_status_name(sym_status status) {
  switch (status) {
#define SYM_NAME(code)                                                         \
  case code:                                                                   \
    return #code;
    SYM_NAME(SYM_OK)
    SYM_NAME(SYM_BORROWED)
    SYM_NAME(SYM_INVALID_ARGUMENT)
    SYM_NAME(SYM_TYPE_MISMATCH)
    SYM_NAME(SYM_SHAPE_MISMATCH)
    SYM_NAME(SYM_INDEX_OUT_OF_RANGE)
    SYM_NAME(SYM_DIVISION_BY_ZERO)
    SYM_NAME(SYM_CHECK_FAILED)
    SYM_NAME(SYM_UNINITIALIZED)
    SYM_NAME(SYM_OUT_OF_MEMORY)
    SYM_NAME(SYM_LIBRARY_ERROR)
    SYM_NAME(SYM_CANCELLED)
    SYM_NAME(SYM_NOT_FOUND)
    SYM_NAME(SYM_IO_ERROR)
    SYM_NAME(SYM_BAD_FORMAT)
    SYM_NAME(SYM_ABI_MISMATCH)
    SYM_NAME(SYM_OVERFLOW)
    SYM_NAME(SYM_NESTED_TOO_DEEPLY)
    SYM_NAME(SYM_DEVICE_ERROR)
    SYM_NAME(SYM_NO_DRIVER)
    SYM_NAME(SYM_DRIVER_TOO_OLD)
    SYM_NAME(SYM_NO_DEVICE)
    SYM_NAME(SYM_WRONG_ARCHITECTURE)
    SYM_NAME(SYM_DEVICE_OUT_OF_MEMORY)
    SYM_NAME(SYM_KERNEL_FAULT)
    SYM_NAME(SYM_DEVICE_LOST)
#undef SYM_NAME
  }
  return "SYM_UNKNOWN_STATUS";
}
