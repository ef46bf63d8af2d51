//===- Module.cpp - Kernel images -----------------------------------------===//

#include "Module.h"
#include "Simulator.h"

#include <algorithm>
#include <dlfcn.h>
#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace sym::sim;

/// The bytes of an ELF shared object of this machine, which cuModuleLoadData is
/// not told; 0 if it is none.
static size_t imageSize(const void *image) {
  const auto *bytes = static_cast<const char *>(image);
  Elf64_Ehdr header;
  if (memcmp(bytes, ELFMAG, SELFMAG))
    return 0;
  memcpy(&header, bytes, sizeof(header));
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_type != ET_DYN ||
      header.e_phentsize != sizeof(Elf64_Phdr))
    return 0;
#if defined(__x86_64__)
  if (header.e_machine != EM_X86_64)
    return 0;
#elif defined(__aarch64__)
  if (header.e_machine != EM_AARCH64)
    return 0;
#endif
  // Section headers stand last, unless they were stripped.
  size_t size = header.e_shoff + size_t(header.e_shnum) * header.e_shentsize;
  for (int i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    memcpy(&segment, bytes + header.e_phoff + size_t(i) * sizeof(segment),
           sizeof(segment));
    size = std::max(size, size_t(segment.p_offset + segment.p_filesz));
  }
  return size;
}

Module::~Module() {
  if (library)
    dlclose(library);
  if (file >= 0)
    close(file);
}

bool sym::sim::isLoaded(const Function *function) {
  for (const Module *module : simulator().modules)
    for (const auto &entry : module->functions)
      if (&entry.second == function)
        return true;
  return false;
}

CUresult sym::sim::loadModule(const void *image, int arch, Module **out) {
  Simulator &sim = simulator();
  size_t size = imageSize(image);
  if (!size) {
    sim.report("module: not an ELF shared object of this machine");
    return CUDA_ERROR_INVALID_IMAGE;
  }
  auto module = std::make_unique<Module>();
  // The descriptor stays open: the loader knows a library by its path, and a
  // descriptor that is used again would give the library from before.
  module->file = memfd_create("sym-sim-image", MFD_CLOEXEC);
  if (module->file < 0)
    return CUDA_ERROR_OPERATING_SYSTEM;
  const char *data = static_cast<const char *>(image);
  for (size_t at = 0; at < size;) {
    ssize_t written = write(module->file, data + at, size - at);
    if (written <= 0)
      return CUDA_ERROR_OPERATING_SYSTEM;
    at += size_t(written);
  }
  std::string path = "/proc/self/fd/" + std::to_string(module->file);
  module->library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!module->library) {
    sim.report(std::string("module: ") + dlerror());
    return CUDA_ERROR_INVALID_IMAGE;
  }
  const auto *found = static_cast<const sym_sim_image *>(
      dlsym(module->library, SYM_SIM_IMAGE_SYMBOL));
  if (!found) {
    sim.report("module: no symbol " SYM_SIM_IMAGE_SYMBOL);
    return CUDA_ERROR_INVALID_IMAGE;
  }
  bool fits = found->version == SYM_SIM_VERSION &&
              (!found->arch || (int(found->arch) / 10 == arch / 10 &&
                                int(found->arch) <= arch));
  if (!fits) {
    sim.report("module: version " + std::to_string(found->version) +
               ", architecture " + std::to_string(found->arch) +
               "; this driver's are " + std::to_string(SYM_SIM_VERSION) + ", " +
               std::to_string(arch));
    return CUDA_ERROR_NO_BINARY_FOR_GPU;
  }
  module->instrumented = found->flags & SYM_SIM_INSTRUMENTED;
  *found->services = &services();
  for (uint32_t i = 0; i < found->num_kernels; ++i)
    module->functions[found->kernels[i].name] = {
        module.get(), &found->kernels[i], kSharedDefault};
  *out = module.release();
  return CUDA_SUCCESS;
}
