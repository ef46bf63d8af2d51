// Launches become calls of a C function.
// RUN: sym-opt %s --sym-lower-launches --split-input-file | FileCheck %s

// CHECK-NOT: gpu.
// CHECK: llvm.func @sym_kernel_launch(!llvm.ptr, i32, i32, i32, i32, i32, i32, !llvm.ptr)
// CHECK: llvm.mlir.global internal constant @kernel_name.f("f\00")
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @f(%p: memref<f32>, %n: index, %a: f16) kernel {
      gpu.return
    }
  }
  // CHECK-LABEL: func.func @call
  // The places of parameters are taken once, not in the loop.
  // CHECK: llvm.alloca {{.*}} x !llvm.array<3 x ptr>
  // CHECK: llvm.alloca {{.*}} x !llvm.ptr
  // CHECK: llvm.alloca {{.*}} x i64
  // CHECK: llvm.alloca {{.*}} x f16
  // CHECK: scf.for
  // CHECK: memref.extract_aligned_pointer_as_index
  // CHECK: llvm.mlir.addressof @kernel_name.f
  // CHECK: llvm.call @sym_kernel_launch
  func.func @call(%p: memref<f32>, %n: index, %a: f16) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    scf.for %i = %c0 to %n step %c1 {
      gpu.launch_func @kernels::@f blocks in (%n, %c1, %c1)
          threads in (%c1, %c1, %c1)
          args(%p : memref<f32>, %i : index, %a : f16)
    }
    return
  }
}
