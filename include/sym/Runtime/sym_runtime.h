//===- sym_runtime.h - The public C interface of the runtime ---*- C -*-===//
//
// Per function: who owns what it returns, which threads may call it, and what
// failure looks like. Unless said otherwise a function may be called from any
// thread at any time, returns a sym_status, and on failure changes nothing;
// sym_error_message() then tells the calling thread what was expected, what
// was found, and where.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_RUNTIME_SYM_RUNTIME_H
#define SYM_RUNTIME_SYM_RUNTIME_H

#include "sym/Runtime/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/// SYM_OK, SYM_BORROWED or a fault, see abi.h.
typedef int32_t sym_status;

/// The message of the last fault on this thread; never null. Valid until the
/// thread's next call into the runtime.
const char *sym_error_message(void);
/// "file:line:column" of the check that failed, or "" if the last fault was
/// not a check. Same validity.
const char *sym_error_location(void);
/// The name of a status, such as "SYM_SHAPE_MISMATCH"; a static string.
const char *sym_status_name(sym_status status);

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// A typed array in somebody's memory, possibly strided. Strides count
/// elements and may be zero or negative; null means dense row-major.
typedef struct sym_tensor {
  void *data;
  int32_t element; ///< SYM_ELEMENT_*
  int32_t rank;
  const int64_t *sizes;
  const int64_t *strides;
  int32_t space;       ///< SYM_SPACE_*; of CUDA, `data` is a device address
  int32_t space_index; ///< which device
} sym_tensor;

/// Bytes of one element; 0 for an unknown code or one that is not a whole
/// number of bytes.
size_t sym_element_size(int32_t element);

/// An immutable, reference-counted array: a result, or a pinned read borrow
/// (B2). Its bytes never change while it is held, and it may outlive the
/// variable and the instance that it came from.
typedef struct sym_array sym_array;
void sym_array_retain(sym_array *array);
void sym_array_release(sym_array *array);
/// 1 if the caller holds the only reference, so that writing to the array can
/// be observed by nobody else: it is a fresh result, or the last pin of a value
/// that its variable has given up. Memory that was lent to sym never is.
int32_t sym_array_is_unique(const sym_array *array);
/// What the array holds; the sizes live as long as the array. An array on a
/// device says so in `space`, and the host cannot read it: kernels that do must
/// be ordered behind what the device's queue has when the array is made.
sym_tensor sym_array_view(const sym_array *array);
/// An array on the host with the same value: another reference if it is there,
/// else a copy, for which it waits. The caller owns *out.
sym_status sym_array_to_host(sym_array *array, sym_array **out);

//===----------------------------------------------------------------------===//
// Shared variables (S1–S4)
//===----------------------------------------------------------------------===//

typedef struct sym_variable sym_variable;

/// Creates a variable of `type`; `initial` (copied) may be null. The caller
/// owns one reference.
sym_status sym_variable_create(const char *name, sym_type_desc type,
                               int32_t policy, const sym_tensor *initial,
                               sym_variable **out);
/// The same in `space`: SYM_SPACE_HOST, or SYM_SPACE_CUDA, whose device
/// `space_index` is opened. What can then fail is the device as well.
sym_status sym_variable_create_on(const char *name, sym_type_desc type,
                                  int32_t policy, int32_t space,
                                  int32_t space_index,
                                  const sym_tensor *initial,
                                  sym_variable **out);
void sym_variable_retain(sym_variable *variable);
void sym_variable_release(sym_variable *variable);
const char *sym_variable_name(const sym_variable *variable);
sym_type_desc sym_variable_type(const sym_variable *variable);
/// Process-unique; also the lock order.
uint64_t sym_variable_id(const sym_variable *variable);
/// SYM_SPACE_*, and which device in *index (may be null).
int32_t sym_variable_space(const sym_variable *variable, int32_t *index);

/// Copies the current value to the host (B1). The caller owns *out.
sym_status sym_variable_get(sym_variable *variable, sym_array **out);
/// Pins the current value without a copy (B2), where it is; of a relaxed
/// variable, whose value others go on writing, it is a copy (T7). The caller
/// owns *out.
sym_status sym_variable_borrow(sym_variable *variable, sym_array **out);
/// Stores a copy of `value`, which may be in any space. SYM_BORROWED while a
/// write borrow is held.
sym_status sym_variable_set(sym_variable *variable, const sym_tensor *value);

/// Lends dense `value` to the variable without a copy. sym never writes it,
/// the caller must not until `release(context)` runs: after the last pin, on
/// any thread, under no lock of the runtime. If the call fails, or `value` is
/// not dense, nothing is lent: in the second case the value is copied and
/// `release` runs before the return. So it is if the value or the variable is
/// on a device.
sym_status sym_variable_set_lent(sym_variable *variable,
                                 const sym_tensor *value,
                                 void (*release)(void *context), void *context);

/// A write borrow (B3): a private copy to work on.
typedef struct sym_write_borrow sym_write_borrow;
/// SYM_BORROWED at once if another write borrow is held. The caller must end
/// *out by exactly one of commit and rollback.
sym_status sym_variable_borrow_mut(sym_variable *variable,
                                   sym_write_borrow **out);
/// The private copy; writable until the borrow ends. Of a variable on a device
/// it is there as well.
sym_tensor sym_write_borrow_view(sym_write_borrow *borrow);
/// A view of the private copy that may outlive the borrow; the caller owns it.
/// While one is held, commit publishes a copy instead of the memory itself, so
/// that who still writes through the view changes nobody's state (B3).
sym_array *sym_write_borrow_array(sym_write_borrow *borrow);
/// Publishes the private copy; ends the borrow whatever it returns.
sym_status sym_write_borrow_commit(sym_write_borrow *borrow);
/// As commit, but publishes a copy of `value`, whose shape may differ.
sym_status sym_write_borrow_commit_value(sym_write_borrow *borrow,
                                         const sym_tensor *value);
void sym_write_borrow_rollback(sym_write_borrow *borrow);

//===----------------------------------------------------------------------===//
// Functions and instances (S2)
//===----------------------------------------------------------------------===//

/// A compiled function bound to variables.
typedef struct sym_function sym_function;

/// Binds function `index` of `program` to `variables`, one for each entry of
/// its descriptor's `variables`, distinct and of fitting types. The function
/// retains them. `program` must outlive the function. The caller owns one
/// reference.
sym_status sym_function_bind(const sym_program *program, int32_t index,
                             sym_variable *const *variables,
                             int32_t num_variables, sym_function **out);
void sym_function_retain(sym_function *function);
/// Calls that are running, on any thread, end as if nothing had happened.
void sym_function_release(sym_function *function);
const sym_function_desc *sym_function_descriptor(const sym_function *function);

/// Where one result goes. With `buffer`, `capacity` bytes of the caller's
/// memory receive it and `sizes` (space for the rank, may be null for rank 0)
/// its shape; a result that does not fit fails the call. Without, the runtime
/// makes an array, which the caller then owns, and which is on the device if
/// the function leaves it there: then the call does not wait for it.
typedef struct sym_result {
  void *buffer;
  size_t capacity;
  int64_t *sizes;
  sym_array *array;
} sym_result;

/// Calls a function: one transaction (T1–T5). An argument of a flag-less
/// parameter is read before the call returns and never written; results never
/// alias arguments or state (B1). Arguments may be in any space, and are copied
/// to where the function takes them from; what is on its device already is read
/// in the order of the device's queue, which for memory of the caller's own may
/// be after the return.
sym_status sym_call(sym_function *function, const sym_tensor *args,
                    int32_t num_args, sym_result *results, int32_t num_results);

/// The set of variables that a program declares, with their initial values,
/// and its functions bound to them.
typedef struct sym_instance sym_instance;
sym_status sym_instance_create(const sym_program *program, sym_instance **out);
/// Gives the instance up, at any time, and never waits. What runs through it (a
/// call, a host program, a save or a load, on any thread) ends as if nothing
/// had happened. Borrows, results, and variables and functions that somebody
/// retained stay valid; those that are borrowed from it, and the instance
/// itself, may not be used for anything that begins afterwards.
void sym_instance_destroy(sym_instance *instance);
/// Borrowed from the instance; null if there is no such name or index.
sym_variable *sym_instance_variable(sym_instance *instance, const char *name);
sym_variable *sym_instance_variable_at(sym_instance *instance, int32_t index);
sym_function *sym_instance_function(sym_instance *instance, const char *name);
sym_function *sym_instance_function_at(sym_instance *instance, int32_t index);
const sym_program *sym_instance_program(const sym_instance *instance);
/// Runs a host program by name (T10).
sym_status sym_instance_run(sym_instance *instance, const char *name);

/// Writes every initialised variable to an .npz file, atomically: after a
/// crash the file is the old or the new one. Loading needs every variable of
/// the file to exist and fit; variables that the file lacks keep their values
/// if `partial`, otherwise they are an error. A load is one transaction.
sym_status sym_instance_save(sym_instance *instance, const char *path);
sym_status sym_instance_load(sym_instance *instance, const char *path,
                             int32_t partial);

/// Reads and writes one array as .npy. The caller owns *out.
sym_status sym_npy_load(const char *path, sym_array **out);
sym_status sym_npy_save(const char *path, const sym_tensor *value);

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

/// Formats `value` as NumPy prints it with its default options (threshold
/// 1000, edge items 3, precision 8, line width 75). Writes at most `capacity`
/// bytes with the final 0 and returns the length that the whole text needs
/// without it. Of an array on a device it only says that it is there.
size_t sym_format(const sym_tensor *value, char *out, size_t capacity);

/// Where sym.print of host programs writes; the default is standard output.
/// Set before programs run.
void sym_set_print_handler(void (*print)(void *context, const char *text),
                           void *context);

//===----------------------------------------------------------------------===//
// Memory (C2, C3) and statistics
//===----------------------------------------------------------------------===//

typedef struct sym_statistics {
  int64_t bytes_reserved;   ///< taken from the system
  int64_t bytes_in_use;     ///< handed out now
  int64_t bytes_high_water; ///< the largest bytes_in_use so far
  int64_t system_allocations;
  int64_t reuse_hits; ///< requests served from memory held
  int64_t reuse_misses;
  int64_t calls;
  int64_t calls_inplace;   ///< calls that ran the in-place variant
  int64_t copy_on_write;   ///< in-place updates that went elsewhere
  int64_t exchanges;       ///< buffers published by pointer
  int64_t argument_copies; ///< arguments made dense or protected
  int64_t failed_calls;
} sym_statistics;
/// A snapshot; each counter is exact, all together only when nothing runs.
sym_statistics sym_get_statistics(void);
/// Sets bytes_high_water to bytes_in_use and the event counters to zero.
void sym_reset_statistics(void);

/// Records what the runtime does, and writes it in the Chrome trace format
/// (JSON), for chrome://tracing and Perfetto: per thread the calls, with
/// function, instance, status and whether they were in place; host programs;
/// waits for a variable's lock, with the thread that updated it last; commits;
/// copies on write and of arguments; blocks of more than 8 KB; what is asked
/// of the system and returned to it; requests that failed. An event is
/// recorded when it ends. At most `max_bytes` of memory are used for it (0:
/// 64 MB, about a million events); when they are full the newest events
/// replace the oldest, and "dropped" in the file counts those. One trace at a
/// time. `path` is written at once, without events, and replaced when the trace
/// stops or the process exits; a child of a fork records nothing. Waits for no
/// call.
sym_status sym_trace_start(const char *path, int64_t max_bytes);
/// As above, but the text goes to `write`, in pieces, while the trace is
/// stopped and by the thread that does that. `write` may do anything.
typedef void (*sym_trace_writer)(void *context, const char *text,
                                 size_t length);
sym_status sym_trace_start_to(sym_trace_writer write, void *context,
                              int64_t max_bytes);
/// SYM_INVALID_ARGUMENT if no trace is being recorded. After any other failure
/// the trace is over as well, and the file is the one without events.
sym_status sym_trace_stop(void);

/// Upper bound on bytes reserved; 0 removes it. A request beyond it fails with
/// SYM_OUT_OF_MEMORY.
void sym_set_memory_cap(int64_t bytes);
/// Returns unused pages to the system; the number of bytes returned.
int64_t sym_trim(void);

#ifdef __cplusplus
} // extern "C"
#endif

#endif // SYM_RUNTIME_SYM_RUNTIME_H
