// Kernels become images, one for each chip; the first one names them.
// REQUIRES: cuda-toolkit
// RUN: sym-opt %s --sym-compile-kernels=chips=sim,ptx,sm_90 | FileCheck %s

// CHECK: gpu.binary @kernels
// CHECK-SAME: #gpu.object<#nvvm.target<O = 3, chip = "sm_90">, properties = {sym.simulated}
// CHECK-SAME: kernels = <[#gpu.kernel_metadata<"f", !llvm.func<void (ptr, i64)>>, #gpu.kernel_metadata<"g", !llvm.func<void (f32)>>]>
// CHECK-SAME: bin = "\7FELF
// CHECK-SAME: #gpu.object<#nvvm.target<O = 3, chip = "sm_80">, assembly = "
// CHECK-SAME: .visible .entry f(
// CHECK-SAME: #gpu.object<#nvvm.target<O = 3, chip = "sm_90">, bin = "\7FELF
// CHECK-NOT: gpu.module
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @f(%p: memref<f32>, %n: index) kernel {
      %v = memref.load %p[] : memref<f32>
      %i = arith.index_cast %n : index to i64
      %x = arith.sitofp %i : i64 to f32
      %s = arith.addf %v, %x : f32
      memref.store %s, %p[] : memref<f32>
      gpu.return
    }
    gpu.func @g(%x: f32) kernel {
      gpu.return
    }
  }
  // CHECK: gpu.launch_func @kernels::@f
  func.func @call(%p: memref<f32>, %n: index) {
    gpu.launch_func @kernels::@f blocks in (%n, %n, %n)
        threads in (%n, %n, %n) args(%p : memref<f32>, %n : index)
    return
  }
}
