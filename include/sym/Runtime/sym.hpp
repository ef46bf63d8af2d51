//===- sym.hpp - The C interface with ownership in types -------*- C++ -*-===//
//
// Header-only wrappers of sym_runtime.h for C++17. A status other than SYM_OK
// becomes an exception of class sym::Error. Objects own what they hold; moving
// from one leaves it empty, and an empty one may only be destroyed or assigned.
// Threads: as sym_runtime.h says for the functions that are called.
//
//===----------------------------------------------------------------------===//

#ifndef SYM_RUNTIME_SYM_HPP
#define SYM_RUNTIME_SYM_HPP

#include "sym/Runtime/sym_runtime.h"

#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace sym {

/// A call, an access or a check that did not succeed.
class Error : public std::runtime_error {
public:
  Error(sym_status status, const char *message, const char *location)
      : std::runtime_error(std::string(sym_status_name(status)) + ": " +
                           message +
                           (*location ? " (at " + std::string(location) + ")"
                                      : std::string())),
        code(status), place(location) {}

  sym_status status() const { return code; }
  /// "file:line:column" of the check that failed, or "".
  const std::string &location() const { return place; }

private:
  sym_status code;
  std::string place;
};

/// Throws unless `status` is SYM_OK.
inline void check(sym_status status) {
  if (status != SYM_OK)
    throw Error(status, sym_error_message(), sym_error_location());
}

/// The element code of a C++ type.
template <typename T> constexpr int32_t elementOf() {
  using U = std::remove_cv_t<T>;
  if constexpr (std::is_same_v<U, bool>)
    return SYM_ELEMENT_BOOL;
  else if constexpr (std::is_same_v<U, float>)
    return SYM_ELEMENT_F32;
  else if constexpr (std::is_same_v<U, double>)
    return SYM_ELEMENT_F64;
  else {
    static_assert(std::is_integral_v<U> && sizeof(U) <= 8,
                  "sym has no element type for this type");
    constexpr int32_t width = sizeof(U) == 1   ? 0
                              : sizeof(U) == 2 ? 1
                              : sizeof(U) == 4 ? 2
                                               : 3;
    return (std::is_signed_v<U> ? SYM_ELEMENT_I8 : SYM_ELEMENT_U8) + width;
  }
}

/// A dense array in somebody's memory, which must stay while the view is used.
class View {
public:
  View(const void *data, int32_t element, std::vector<int64_t> sizes)
      : data(data), element(element), sizes(std::move(sizes)) {}
  /// A scalar.
  template <typename T, typename = std::enable_if_t<std::is_arithmetic_v<T>>>
  View(const T &value) : data(&value), element(elementOf<T>()) {}
  /// `values` in the shape `sizes`; a vector's own length if there is none.
  template <typename T>
  View(const std::vector<T> &values, std::vector<int64_t> sizes = {})
      : data(values.data()), element(elementOf<T>()), sizes(std::move(sizes)) {
    static_assert(!std::is_same_v<T, bool>, "std::vector<bool> is not dense");
    if (this->sizes.empty())
      this->sizes = {static_cast<int64_t>(values.size())};
    int64_t count = 1;
    for (int64_t size : this->sizes)
      count *= size;
    if (count != static_cast<int64_t>(values.size()))
      throw std::invalid_argument("the sizes do not fit the values");
  }

  /// Valid while the view is.
  sym_tensor get() const {
    return {const_cast<void *>(data),
            element,
            static_cast<int32_t>(sizes.size()),
            sizes.data(),
            nullptr,
            SYM_SPACE_HOST,
            0};
  }

private:
  const void *data;
  int32_t element;
  std::vector<int64_t> sizes;
};

/// An immutable array: a result, or a pinned value (B2).
class Array {
public:
  Array() = default;
  /// Takes over one reference.
  explicit Array(sym_array *array) : array(array) {}
  Array(const Array &other) : array(other.array) {
    if (array)
      sym_array_retain(array);
  }
  Array(Array &&other) noexcept : array(std::exchange(other.array, nullptr)) {}
  Array &operator=(Array other) noexcept {
    std::swap(array, other.array);
    return *this;
  }
  ~Array() {
    if (array)
      sym_array_release(array);
  }

  /// Reads an .npy file.
  static Array load(const std::string &path) {
    sym_array *array = nullptr;
    check(sym_npy_load(path.c_str(), &array));
    return Array(array);
  }
  void save(const std::string &path) const {
    sym_tensor view = get();
    check(sym_npy_save(path.c_str(), &view));
  }

  sym_tensor get() const { return sym_array_view(array); }
  std::vector<int64_t> sizes() const {
    sym_tensor view = get();
    return std::vector<int64_t>(view.sizes, view.sizes + view.rank);
  }
  int64_t size() const {
    int64_t count = 1;
    for (int64_t size : sizes())
      count *= size;
    return count;
  }
  /// The elements, which must be of type T.
  template <typename T> const T *data() const {
    sym_tensor view = get();
    if (view.element != elementOf<T>())
      throw std::invalid_argument("the array has another element type");
    return static_cast<const T *>(view.data);
  }
  /// The element of a scalar, or the first one.
  template <typename T> T item() const {
    if (size() < 1)
      throw std::out_of_range("the array is empty");
    return *data<T>();
  }
  operator View() const {
    sym_tensor view = get();
    return View(view.data, view.element, sizes());
  }
  /// As NumPy prints it.
  std::string str() const {
    sym_tensor view = get();
    std::string text(sym_format(&view, nullptr, 0) + 1, '\0');
    sym_format(&view, text.data(), text.size());
    text.pop_back();
    return text;
  }

private:
  sym_array *array = nullptr;
};

/// A shared variable. It may outlive the instance that it comes from.
class Variable {
public:
  explicit Variable(sym_variable *variable) : variable(variable) {
    sym_variable_retain(variable);
  }
  Variable(const Variable &other) : Variable(other.variable) {}
  Variable &operator=(Variable other) noexcept {
    std::swap(variable, other.variable);
    return *this;
  }
  ~Variable() { sym_variable_release(variable); }

  /// A copy of the value (B1).
  Array get() const {
    sym_array *array = nullptr;
    check(sym_variable_get(variable, &array));
    return Array(array);
  }
  /// The value without a copy, pinned while it is held (B2).
  Array borrow() const {
    sym_array *array = nullptr;
    check(sym_variable_borrow(variable, &array));
    return Array(array);
  }
  void set(const View &value) const {
    sym_tensor view = value.get();
    check(sym_variable_set(variable, &view));
  }
  std::string name() const { return sym_variable_name(variable); }
  sym_variable *handle() const { return variable; }

private:
  sym_variable *variable;
};

/// A function of an instance, which it may outlive.
class Function {
public:
  explicit Function(sym_function *function) : function(function) {
    sym_function_retain(function);
  }
  Function(const Function &other) : Function(other.function) {}
  Function &operator=(Function other) noexcept {
    std::swap(function, other.function);
    return *this;
  }
  ~Function() { sym_function_release(function); }

  /// One transaction (T1–T5).
  std::vector<Array> operator()(std::initializer_list<View> arguments) const {
    std::vector<sym_tensor> views;
    for (const View &argument : arguments)
      views.push_back(argument.get());
    size_t count = sym_function_descriptor(function)->num_results;
    std::vector<sym_result> results(count, sym_result{});
    // Before the call: whatever happens behind it, the arrays are owned.
    std::vector<Array> arrays(count);
    check(sym_call(function, views.data(), static_cast<int32_t>(views.size()),
                   results.data(), static_cast<int32_t>(count)));
    for (size_t i = 0; i < count; ++i)
      arrays[i] = Array(results[i].array);
    return arrays;
  }
  /// The same with arguments one by one; a single result comes as it is.
  template <typename... Args> Array call(const Args &...arguments) const {
    std::vector<Array> results = (*this)({View(arguments)...});
    return results.empty() ? Array() : std::move(results.front());
  }

private:
  sym_function *function;
};

/// The variables that a program creates, and its functions over them.
class Instance {
public:
  /// `program` must outlive the instance.
  explicit Instance(const sym_program &program) {
    check(sym_instance_create(&program, &instance));
  }
  Instance(Instance &&other) noexcept
      : instance(std::exchange(other.instance, nullptr)) {}
  Instance &operator=(Instance &&other) noexcept {
    std::swap(instance, other.instance);
    return *this;
  }
  ~Instance() {
    if (instance)
      sym_instance_destroy(instance);
  }

  Variable variable(const std::string &name) const {
    sym_variable *found = sym_instance_variable(instance, name.c_str());
    if (!found)
      throw std::invalid_argument("there is no variable '" + name + "'");
    return Variable(found);
  }
  Function function(const std::string &name) const {
    sym_function *found = sym_instance_function(instance, name.c_str());
    if (!found)
      throw std::invalid_argument("there is no function '" + name + "'");
    return Function(found);
  }
  /// Runs a host program (T10).
  void run(const std::string &name) const {
    check(sym_instance_run(instance, name.c_str()));
  }
  void save(const std::string &path) const {
    check(sym_instance_save(instance, path.c_str()));
  }
  void load(const std::string &path, bool partial = false) const {
    check(sym_instance_load(instance, path.c_str(), partial));
  }
  /// For functions of a generated header.
  sym_instance *get() const { return instance; }

private:
  sym_instance *instance = nullptr;
};

/// Records what the runtime does while it lives, into a file in the Chrome
/// trace format (sym_trace_start).
class Trace {
public:
  explicit Trace(const std::string &path, int64_t maxBytes = 0) {
    check(sym_trace_start(path.c_str(), maxBytes));
  }
  Trace(const Trace &) = delete;
  Trace &operator=(const Trace &) = delete;
  /// Writes the file; unlike the destructor it says when that fails.
  void stop() {
    ended = true;
    check(sym_trace_stop());
  }
  ~Trace() {
    if (!ended)
      sym_trace_stop();
  }

private:
  bool ended = false;
};

} // namespace sym

#endif // SYM_RUNTIME_SYM_HPP
