//===- abi.h - What generated code and the runtime agree on ----*- C -*-===//
//
// The one header that serves code compiled just in time and ahead of time.
// Generated code reads and writes these structures by offset, so a change of
// layout or meaning raises SYM_ABI_VERSION and the static asserts below.
//
// Glossary
//   view     a dense row-major array: its first element and its sizes
//   source   the value of a shared variable that a call reads (pre-call value)
//   slot     a place for something a call produces: first its results, then
//            its updates, in the order of the function's descriptor
//   variant  one of two compiled forms of a function, see sym_function_desc
//   site     a read-only description of a check, with its place in the source
//   device function  one whose variants launch kernels: they run on the host,
//            and what they ask of the device is enqueued as a whole once they
//            have returned
//
//===----------------------------------------------------------------------===//

#ifndef SYM_RUNTIME_ABI_H
#define SYM_RUNTIME_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define SYM_STATIC_ASSERT(cond, text) static_assert(cond, text)
#else
#define SYM_STATIC_ASSERT(cond, text) _Static_assert(cond, text)
#endif

/// Raised by every incompatible change. A program whose version differs from
/// the runtime's is refused when an instance is created.
#define SYM_ABI_VERSION 2

/// Marks a dimension whose size is known only at run time.
#define SYM_DYNAMIC INT64_MIN

/// Alignment in bytes of every buffer that the runtime hands out.
#define SYM_BUFFER_ALIGNMENT 64

/// Element types. Codes never change meaning; those that no lowering supports
/// yet are reserved. `bool` is one byte, 0 or 1.
enum {
  SYM_ELEMENT_BOOL = 1,
  SYM_ELEMENT_I4 = 2,
  SYM_ELEMENT_I8 = 3,
  SYM_ELEMENT_I16 = 4,
  SYM_ELEMENT_I32 = 5,
  SYM_ELEMENT_I64 = 6,
  SYM_ELEMENT_I128 = 7,
  SYM_ELEMENT_U4 = 8,
  SYM_ELEMENT_U8 = 9,
  SYM_ELEMENT_U16 = 10,
  SYM_ELEMENT_U32 = 11,
  SYM_ELEMENT_U64 = 12,
  SYM_ELEMENT_U128 = 13,
  SYM_ELEMENT_F8E4M3FN = 16,
  SYM_ELEMENT_F8E5M2 = 17,
  SYM_ELEMENT_F16 = 18,
  SYM_ELEMENT_BF16 = 19,
  SYM_ELEMENT_F32 = 20,
  SYM_ELEMENT_F64 = 21,
  SYM_ELEMENT_F80 = 22,
  SYM_ELEMENT_F128 = 23,
  SYM_ELEMENT_C64 = 24,  ///< two f32
  SYM_ELEMENT_C128 = 25, ///< two f64
};

/// What a call, an access or a check came to. 0 is success; BORROWED is a
/// normal outcome (B3); the rest are faults and come with a message.
enum {
  SYM_OK = 0,
  SYM_BORROWED = 1,           ///< a write borrow is held on the variable
  SYM_INVALID_ARGUMENT = 2,   ///< misuse of the interface
  SYM_TYPE_MISMATCH = 3,      ///< element type or rank differs
  SYM_SHAPE_MISMATCH = 4,     ///< sizes differ (ValueError in Python)
  SYM_INDEX_OUT_OF_RANGE = 5, ///< IndexError in Python
  SYM_DIVISION_BY_ZERO = 6,   ///< ZeroDivisionError in Python
  SYM_CHECK_FAILED = 7,       ///< a user's sym.check (AssertionError)
  SYM_UNINITIALIZED = 8,      ///< a variable is read before it is set (S4)
  SYM_OUT_OF_MEMORY = 9,      ///< MemoryError in Python
  SYM_LIBRARY_ERROR = 10,     ///< a numeric library reported a status
  SYM_CANCELLED = 11,
  SYM_NOT_FOUND = 12,  ///< no such variable, function or entry
  SYM_IO_ERROR = 13,   ///< the operating system refused a file operation
  SYM_BAD_FORMAT = 14, ///< a file's content is not what it should be
  SYM_ABI_MISMATCH = 15,
  SYM_OVERFLOW = 16,          ///< a size computation left the range of int64
  SYM_NESTED_TOO_DEEPLY = 17, ///< the thread's stack is used up
                              ///< (RecursionError in Python)
  SYM_DEVICE_ERROR = 32,      ///< 32 and above: devices
  SYM_NO_DRIVER = 33,
  SYM_DRIVER_TOO_OLD = 34,
  SYM_NO_DEVICE = 35,
  SYM_WRONG_ARCHITECTURE = 36,   ///< kernels that the device cannot run
  SYM_DEVICE_OUT_OF_MEMORY = 37, ///< MemoryError in Python
  SYM_KERNEL_FAULT = 38, ///< a kernel failed; the device's context is of no use
  SYM_DEVICE_LOST = 39,  ///< what only the device held is lost
};

/// Where a value lives.
enum { SYM_SPACE_HOST = 0, SYM_SPACE_CUDA = 1 };

/// How a variable is updated (T5, T7, T8).
enum {
  SYM_POLICY_INPLACE = 0,
  SYM_POLICY_DOUBLE_BUFFER = 1,
  SYM_POLICY_RELAXED = 2,
};

/// What a slot holds after a variant has run (C1).
enum {
  /// A buffer that the variant obtained with sym_rt_result and filled.
  SYM_KIND_FRESH = 0,
  /// The variant wrote the source buffer of the same variable.
  SYM_KIND_INPLACE = 1,
  /// The buffer of source `moved_from`, untouched: the runtime exchanges
  /// pointers. The compiler guarantees that no two slots take one source and
  /// that the variable that loses its buffer gets another in the same call.
  SYM_KIND_MOVED = 2,
  /// Like MOVED, but which source is known only after the run: the variant
  /// stores the source's `data` in the slot. Same guarantee.
  SYM_KIND_SELECTED = 3,
};

/// A dense row-major array. `sizes` has as many entries as the static rank;
/// it may be null for rank 0.
typedef struct sym_view {
  void *data;
  int64_t *sizes;
} sym_view;

/// What a variant, or a host program, receives. Owned by the runtime and valid
/// for the time of one call on one thread.
typedef struct sym_frame {
  sym_view *args;    ///< arguments, in order; not written unless `mutable`
  sym_view *sources; ///< pre-call values of the variables read, in order
  sym_view *slots;   ///< results, then updates; `sizes` points at space for
                     ///< the rank, `data` is set by sym_rt_result
  void *runtime;     ///< the runtime's own record of the call
} sym_frame;

/// Runs one variant of a function. 0 on success; anything else means that the
/// runtime has recorded a status in the frame, that no state buffer was
/// written, and that what the variant had allocated is the runtime's to free.
typedef int32_t (*sym_entry_fn)(sym_frame *frame);

/// Runs a host program; `frame` has no views.
typedef int32_t (*sym_host_fn)(sym_frame *frame);

/// A tensor type: element, rank, and sizes with SYM_DYNAMIC where unknown.
typedef struct sym_type_desc {
  int32_t element;
  int32_t rank;
  const int64_t *sizes; ///< null for rank 0
} sym_type_desc;

typedef struct sym_variable_desc {
  const char *name;
  sym_type_desc type;
  int32_t policy;      ///< SYM_POLICY_*
  int32_t space;       ///< SYM_SPACE_*
  int32_t space_index; ///< which device
  int32_t reserved;
  /// Initial value, dense row-major, read-only; null when uninitialised (S4).
  /// A splat is expanded by the runtime when `initial_is_splat`.
  const void *initial;
  const int64_t *initial_sizes;
  int64_t initial_is_splat;
} sym_variable_desc;

/// Flags of arguments and results.
enum { SYM_FLAG_BORROW = 1, SYM_FLAG_MUTABLE = 2 };

typedef struct sym_value_desc {
  const char *name; ///< may be null
  sym_type_desc type;
  uint32_t flags; ///< SYM_FLAG_*
  /// SYM_SPACE_*: where the variants take an argument from, or leave a result;
  /// CUDA is the function's device.
  int32_t space;
} sym_value_desc;

typedef struct sym_update_desc {
  int32_t variable; ///< position in sym_function_desc.variables
  /// SYM_KIND_* in the in-place variant and in the out-of-place one, and the
  /// source for MOVED (-1 otherwise). The out-of-place variant has no INPLACE.
  int32_t inplace_kind;
  int32_t inplace_moved_from;
  int32_t outofplace_kind;
  int32_t outofplace_moved_from;
  int32_t reserved;
} sym_update_desc;

/// One compiled function. It exists in two variants: `inplace` may write the
/// source buffers of updates of kind INPLACE, and is used when none of those
/// buffers is pinned, lent or overlapped by an argument; `outofplace` writes
/// no source. They may be the same function when no update is in place.
typedef struct sym_function_desc {
  const char *name;
  int32_t num_args;
  int32_t num_results;
  int32_t num_variables;
  int32_t num_reads;
  int32_t num_updates;
  /// 0 for a function of the host; k + 1 for one that runs on CUDA device k. Of
  /// the variables of a device function those in CUDA space are on its device.
  int32_t device;
  const sym_value_desc *args;
  const sym_value_desc *results;
  /// Indices into sym_program.variables, distinct; the first num_reads are
  /// read and are the sources, in order.
  const int32_t *variables;
  const sym_update_desc *updates;
  sym_entry_fn inplace;
  sym_entry_fn outofplace;
  const char *location; ///< "file:line:column"
} sym_function_desc;

typedef struct sym_host_desc {
  const char *name;
  sym_host_fn entry;
} sym_host_desc;

/// What kernels are compiled to.
enum {
  SYM_IMAGE_CUBIN = 1, ///< for one architecture
  SYM_IMAGE_PTX = 2,   ///< for `arch` and newer; a zero-terminated text
  SYM_IMAGE_SIM = 3,   ///< for the simulated driver (sim_abi.h)
};

/// All kernels of a program, compiled for one architecture.
typedef struct sym_image_desc {
  int32_t kind; ///< SYM_IMAGE_*
  int32_t arch; ///< compute capability times ten
  const void *data;
  int64_t bytes;
} sym_image_desc;

typedef struct sym_kernel_desc {
  const char *name;
  int32_t num_params;
  int32_t reserved;
  const int32_t *param_bytes; ///< of each parameter: 1, 2, 4 or 8
} sym_kernel_desc;

/// What a module exports, as `sym_program_<escaped module name>`. In a C name
/// a byte outside [A-Za-z0-9] becomes `_XX` (two capital hex digits; `_`
/// itself is `_5F`).
typedef struct sym_program {
  uint32_t abi_version; ///< SYM_ABI_VERSION
  uint32_t size;        ///< sizeof(sym_program)
  const char *name;
  const char *target; ///< target triple and CPU that the code was made for
  int32_t num_variables;
  int32_t num_functions;
  int32_t num_hosts;
  int32_t num_images;
  const sym_variable_desc *variables;
  const sym_function_desc *functions;
  const sym_host_desc *hosts;
  const sym_image_desc *images; ///< the first one that fits a device is used
  const sym_kernel_desc *kernels;
  /// sym_rt_devices where some variable or function is on a device, else null:
  /// so that only such programs link what talks to devices.
  const struct sym_device_ops *(*devices)(void);
  int32_t num_kernels;
  int32_t reserved;
} sym_program;

/// A check in the source. `message` may contain {0}, {1}, … for the values.
typedef struct sym_check_site {
  int32_t status; ///< SYM_SHAPE_MISMATCH, SYM_INDEX_OUT_OF_RANGE, …
  int32_t num_values;
  /// Element code of each value; a value is passed in eight bytes, integers
  /// sign-extended (SYM_ELEMENT_U*: zero-extended), floats as f64 bits.
  const int32_t *value_types;
  const char *message;
  const char *location; ///< "file:line:column"
} sym_check_site;

//===----------------------------------------------------------------------===//
// Called by generated code
//
// All take the frame of the running call and may be called only by the thread
// that runs it. Functions that can fail record the status in the frame.
//===----------------------------------------------------------------------===//

/// Gives slot `slot` a buffer for `sizes` (rank entries; copied into the slot)
/// and returns it; null on failure. To be called at most once per slot and
/// before the first write to a source.
void *sym_rt_result(sym_frame *frame, int32_t slot, const int64_t *sizes);

/// Makes result `slot` the pre-call value of `source` (T3) without a copy where
/// that is possible: if the source's variable gets another buffer in this call,
/// the result takes the old one over; if it keeps it, the result pins it. It is
/// copied at once when the running variant will write it, when it is lent, and
/// when the caller supplied a buffer. Same rules as sym_rt_result, and the
/// variant must not write the result. 0 on success.
int32_t sym_rt_result_from_source(sym_frame *frame, int32_t slot,
                                  int32_t source);

/// The call's scratch memory, 64-byte aligned, uninitialised; null on failure.
/// At most one request per call. Freed by the runtime when the call ends.
void *sym_rt_arena(sym_frame *frame, int64_t bytes);

/// A temporary of a size that was not known at entry; null on failure. What
/// is not freed by sym_rt_free is freed when the call ends, however it ends.
void *sym_rt_alloc(sym_frame *frame, int64_t bytes);
void sym_rt_free(sym_frame *frame, void *data);

/// Records that a check failed, with its values. Returns the site's status.
int32_t sym_rt_fail(sym_frame *frame, const sym_check_site *site,
                    const int64_t *values);

//===----------------------------------------------------------------------===//
// Called by generated code of device functions
//
// `device` memory is on the function's device; the host cannot read it. What is
// asked of the device is written down in the order of the calls, and enqueued
// as a whole when the variant has returned 0: either all of it or nothing, so a
// launch is no fault that T4 would have to order. What goes wrong while it is
// written down fails the call then.
//===----------------------------------------------------------------------===//

/// The table through which the runtime reaches devices; opaque here.
const struct sym_device_ops *sym_rt_devices(void);

/// Like sym_rt_arena, sym_rt_alloc and sym_rt_free.
void *sym_rt_device_arena(sym_frame *frame, int64_t bytes);
void *sym_rt_device_alloc(sym_frame *frame, int64_t bytes);
void sym_rt_device_free(sym_frame *frame, void *data);

/// Read-only data of the program on the device, where it stays as long as the
/// program does; null on failure. `data` identifies it.
void *sym_rt_device_constant(sym_frame *frame, const void *data, int64_t bytes);

typedef struct sym_grid {
  int32_t blocks[3];
  int32_t threads[3];
} sym_grid;

/// Launches a kernel of the program. `params` points at a pointer to each
/// parameter; all are read before the return. No block, no launch.
void sym_rt_launch(sym_frame *frame, int32_t kernel, const sym_grid *grid,
                   void *const *params);

/// Copies of dense memory; `from` on the host is read before the return.
void sym_rt_copy_on_device(sym_frame *frame, void *to, const void *from,
                           int64_t bytes);
void sym_rt_copy_to_device(sym_frame *frame, void *to, const void *from,
                           int64_t bytes);
/// Sets `count` elements of `unit` bytes (1, 2 or 4) to `bits`.
void sym_rt_fill_device(sym_frame *frame, void *to, int32_t unit, uint32_t bits,
                        int64_t count);

enum {
  SYM_PRODUCT_ACCUMULATE = 1,   ///< C += A B instead of C = A B
  SYM_PRODUCT_TRANSPOSED_A = 2, ///< rows of memory are columns of A
  SYM_PRODUCT_TRANSPOSED_B = 4, ///< rows of memory are columns of B
  SYM_PRODUCT_TF32 = 8,         ///< factors of f32 may lose 13 bits
};

/// Products of matrices of one element type, all in memory row by row.
typedef struct sym_product {
  int32_t element; ///< SYM_ELEMENT_F16, BF16, F32 or F64
  int32_t flags;   ///< SYM_PRODUCT_*
  int64_t batches;
  int64_t rows;    ///< of C and A
  int64_t columns; ///< of C and B
  int64_t inner;   ///< columns of A, rows of B
  /// Of A, B, C, in elements: from a row of memory to the next, and from a
  /// matrix to the next, 0 where all batches share it.
  int64_t row_strides[3];
  int64_t batch_strides[3];
  const void *a;
  const void *b;
  void *c;
  const void *bias; ///< null, or `columns` elements that each row of C gets too
} sym_product;

/// Fewer multiply-adds than this are left to kernels.
enum { SYM_PRODUCT_LEAST_WORK = 1 << 15 };

/// Asks a library of the device for products. 1 if that was written down, or
/// failed; 0 if there is no such library, or it has nothing for them: the
/// caller launches kernels. The answer depends on the installation, sizes,
/// strides and the alignment of addresses only (T9).
int32_t sym_rt_product(sym_frame *frame, const sym_product *product);

/// Enqueues what was asked for, waits for it, and copies to the host. 0 on
/// success. It can fail, and must not follow a write to a source (T4).
int32_t sym_rt_copy_to_host(sym_frame *frame, void *to, const void *from,
                            int64_t bytes);

//===----------------------------------------------------------------------===//
// Called by generated host programs
//
// `function` and `variable` are indices into the program. Views returned in
// `result` own memory that sym_rt_free frees; `sizes` must point at space for
// the rank. A status other than SYM_OK ends the host program (T10).
//===----------------------------------------------------------------------===//

int32_t sym_rt_call(sym_frame *host, int32_t function, const sym_view *args,
                    sym_view *results);
/// The same of a device function. `on_device` has a byte for each argument and
/// then for each result: where it is 1, `data` is no memory but a handle of a
/// value on the device. Such results stay there; arguments may be on any
/// device.
int32_t sym_rt_call_device(sym_frame *host, int32_t function,
                           const sym_view *args, sym_view *results,
                           const uint8_t *on_device);
/// Copies the value of a handle to memory that sym_rt_free frees.
int32_t sym_rt_fetch(sym_frame *host, void *handle, sym_view *result);
/// Frees the value of a handle early; all go with the host program.
void sym_rt_drop(sym_frame *host, void *handle);

int32_t sym_rt_get_value(sym_frame *host, int32_t variable, sym_view *result);
int32_t sym_rt_set_value(sym_frame *host, int32_t variable,
                         const sym_view *value);

/// Kinds of borrow in a host program (B2, B3, B5).
enum {
  SYM_BORROW_PINNED = 0,
  SYM_BORROW_SCOPED = 1,
  SYM_BORROW_EXCLUSIVE = 2,
};

/// Borrows `variable`: *handle identifies the borrow until it is released, and
/// *view shows its bytes. An exclusive borrow shows a private copy.
int32_t sym_rt_borrow(sym_frame *host, int32_t variable, int32_t kind,
                      void **handle, sym_view *view);

/// Ends a borrow. For an exclusive one, `value` (may be null: roll back) is
/// what it commits. Never fails for the other kinds.
int32_t sym_rt_release(sym_frame *host, void *handle, const sym_view *value);

/// To be asked before a call of another host program that may be nested
/// without bound: SYM_OK, or what `site` says if the thread's stack is nearly
/// used up.
int32_t sym_rt_check_stack(sym_frame *host, const sym_check_site *site);

/// Prints a value as NumPy would, behind `label` if that is not null.
int32_t sym_rt_print(sym_frame *host, const char *label, int32_t element,
                     int32_t rank, const sym_view *value);

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

SYM_STATIC_ASSERT(sizeof(void *) == 8, "sym supports 64-bit targets");
SYM_STATIC_ASSERT(sizeof(sym_view) == 16, "layout of sym_view");
SYM_STATIC_ASSERT(offsetof(sym_view, sizes) == 8, "layout of sym_view");
SYM_STATIC_ASSERT(sizeof(sym_frame) == 32, "layout of sym_frame");
SYM_STATIC_ASSERT(offsetof(sym_frame, slots) == 16, "layout of sym_frame");
SYM_STATIC_ASSERT(sizeof(sym_type_desc) == 16, "layout of sym_type_desc");
SYM_STATIC_ASSERT(sizeof(sym_variable_desc) == 64,
                  "layout of sym_variable_desc");
SYM_STATIC_ASSERT(offsetof(sym_variable_desc, initial) == 40,
                  "layout of sym_variable_desc");
SYM_STATIC_ASSERT(sizeof(sym_value_desc) == 32, "layout of sym_value_desc");
SYM_STATIC_ASSERT(sizeof(sym_update_desc) == 24, "layout of sym_update_desc");
SYM_STATIC_ASSERT(sizeof(sym_function_desc) == 88,
                  "layout of sym_function_desc");
SYM_STATIC_ASSERT(offsetof(sym_function_desc, inplace) == 64,
                  "layout of sym_function_desc");
SYM_STATIC_ASSERT(sizeof(sym_host_desc) == 16, "layout of sym_host_desc");
SYM_STATIC_ASSERT(sizeof(sym_image_desc) == 24, "layout of sym_image_desc");
SYM_STATIC_ASSERT(sizeof(sym_kernel_desc) == 24, "layout of sym_kernel_desc");
SYM_STATIC_ASSERT(sizeof(sym_grid) == 24, "layout of sym_grid");
SYM_STATIC_ASSERT(sizeof(sym_product) == 120, "layout of sym_product");
SYM_STATIC_ASSERT(sizeof(sym_program) == 96, "layout of sym_program");
SYM_STATIC_ASSERT(offsetof(sym_program, images) == 64, "layout of sym_program");
SYM_STATIC_ASSERT(sizeof(sym_check_site) == 32, "layout of sym_check_site");

#ifdef __cplusplus
} // extern "C"
#endif

#endif // SYM_RUNTIME_ABI_H
