//===- Programs.cpp - Hand-written programs for the runtime's tests -------===//

#include "Programs.h"

#ifdef SYM_TEST_ON_DEVICE
#include "store/DeviceOps.h"
#endif

#include <algorithm>
#include <string.h>

using namespace symtest;

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

sym_type_desc ProgramBuilder::type(int32_t element,
                                   std::vector<int64_t> given) {
  sizes.push_back(std::move(given));
  return {element, int32_t(sizes.back().size()), sizes.back().data()};
}

int ProgramBuilder::variable(const char *name, sym_type_desc type,
                             int32_t policy, const void *initial,
                             std::vector<int64_t> initialSizes, bool splat) {
  sizes.push_back(std::move(initialSizes));
  variables.push_back({name, type, policy, space, spaceIndex, 0, initial,
                       sizes.back().data(), splat});
  return int(variables.size()) - 1;
}

int ProgramBuilder::function(const Function &given) {
  kept.push_back(given);
  const Function &f = kept.back();
  functions.push_back(
      {f.name, int32_t(f.args.size()), int32_t(f.results.size()),
       int32_t(f.variables.size()), f.numReads, int32_t(f.updates.size()),
       f.device, f.args.data(), f.results.data(), f.variables.data(),
       f.updates.data(), f.inplace, f.outofplace, "test.mlir:1:1"});
  return int(functions.size()) - 1;
}

void ProgramBuilder::place(int32_t newSpace, int32_t index) {
  space = newSpace;
  spaceIndex = index;
}

void ProgramBuilder::onDevice(const sym_kernel_desc *kernels,
                              int32_t numKernels, const sym_image_desc *images,
                              int32_t numImages,
                              const sym_device_ops *(*devices)(void)) {
  result.kernels = kernels;
  result.num_kernels = numKernels;
  result.images = images;
  result.num_images = numImages;
  result.devices = devices;
}

int ProgramBuilder::host(const char *name, sym_host_fn entry) {
  hosts.push_back({name, entry});
  return int(hosts.size()) - 1;
}

const sym_program *ProgramBuilder::program() {
  result.abi_version = SYM_ABI_VERSION;
  result.size = sizeof(sym_program);
  result.name = "test";
  result.target = "any";
  result.num_variables = int32_t(variables.size());
  result.num_functions = int32_t(functions.size());
  result.num_hosts = int32_t(hosts.size());
  result.variables = variables.data();
  result.functions = functions.data();
  result.hosts = hosts.data();
  return &result;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

void symtest::writeElements(const sym_tensor &tensor, int64_t index,
                            std::vector<double> values) {
  double *to = static_cast<double *>(tensor.data) + index;
#ifdef SYM_TEST_ON_DEVICE
  if (tensor.space != SYM_SPACE_HOST) {
    EXPECT_OK(sym_rt_devices()->upload(tensor.space_index, to, values.data(),
                                       int64_t(8 * values.size())));
    return;
  }
#endif
  std::copy(values.begin(), values.end(), to);
}

std::vector<double> symtest::vectorOf(sym_array *array) {
  sym_array *here = nullptr;
  EXPECT_OK(sym_array_to_host(array, &here));
  if (!here)
    return {};
  sym_tensor view = sym_array_view(here);
  EXPECT_EQ(view.element, SYM_ELEMENT_F64);
  const double *data = static_cast<const double *>(view.data);
  std::vector<double> result(data, data + view.sizes[0]);
  sym_array_release(here);
  return result;
}

std::vector<double> symtest::takeVector(sym_array *array) {
  std::vector<double> result = vectorOf(array);
  sym_array_release(array);
  return result;
}

int64_t symtest::takeInt(sym_array *array) {
  sym_array *here = nullptr;
  EXPECT_OK(sym_array_to_host(array, &here));
  sym_array_release(array);
  if (!here)
    return -1;
  sym_tensor view = sym_array_view(here);
  EXPECT_EQ(view.element, SYM_ELEMENT_I64);
  int64_t result = *static_cast<const int64_t *>(view.data);
  sym_array_release(here);
  return result;
}

std::vector<double> symtest::readVector(sym_variable *variable) {
  sym_array *array = nullptr;
  EXPECT_OK(sym_variable_get(variable, &array));
  return array ? takeVector(array) : std::vector<double>();
}

int64_t symtest::readInt(sym_variable *variable) {
  sym_array *array = nullptr;
  EXPECT_OK(sym_variable_get(variable, &array));
  return array ? takeInt(array) : -1;
}

sym_status symtest::setVector(sym_variable *variable,
                              std::vector<double> data) {
  return sym_variable_set(variable, Tensor(data));
}

sym_status symtest::setInt(sym_variable *variable, int64_t data) {
  return sym_variable_set(variable, Tensor(data));
}

sym_status Instance::call(const char *name,
                          std::vector<const sym_tensor *> args,
                          std::vector<sym_array *> *results) {
  std::vector<sym_tensor> tensors;
  for (const sym_tensor *arg : args)
    tensors.push_back(*arg);
  sym_function *f = function(name);
  std::vector<sym_result> slots(size_t(sym_function_descriptor(f)->num_results),
                                sym_result{});
  sym_status status = sym_call(f, tensors.data(), int32_t(tensors.size()),
                               slots.data(), int32_t(slots.size()));
  if (status)
    return status;
  for (const sym_result &slot : slots)
    if (results)
      results->push_back(slot.array);
    else
      sym_array_release(slot.array);
  return status;
}
