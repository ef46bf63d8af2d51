// What kernels cannot be compiled to.
// REQUIRES: cuda-toolkit
// RUN: not sym-opt %s --sym-compile-kernels=chips=sm_20 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not sym-opt %s --sym-compile-kernels="cuda-toolkit=%t.none" 2>&1 | FileCheck %s --check-prefix=TOOLKIT

// CHIP: error: expected an architecture from sm_80 on, found 'sm_20'
// TOOLKIT: error: expected a CUDA toolkit in '{{.*}}.none', found no 'nvvm/libdevice/libdevice.10.bc' there
gpu.module @kernels {
  gpu.func @f() kernel {
    gpu.return
  }
}
