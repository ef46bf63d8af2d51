// A launch is written down by the runtime: the kernel's number, the grid, and the
// address of each parameter. The descriptor holds the images and what kernels take.
// RUN: sym-opt %s --sym-lower-to-runtime | FileCheck %s
// RUN: sym-opt %s --sym-lower-to-runtime --sym-convert-to-llvm \
// RUN:   --reconcile-unrealized-casts --sym-emit-program | FileCheck %s --check-prefix=PROGRAM

// PROGRAM-DAG: llvm.mlir.global internal{{.*}} constant @[[IMAGE:sym.data[_0-9]*]]("text\00")
// PROGRAM-DAG: llvm.func @sym_rt_devices() -> (!llvm.ptr
// PROGRAM-DAG: llvm.mlir.addressof @[[IMAGE]] : !llvm.ptr
// PROGRAM-DAG: llvm.mlir.global internal{{.*}} constant @sym.table{{.*}}(dense<[8, 4, 1]> : tensor<3xi32>)
// PROGRAM-DAG: llvm.mlir.addressof @sym_rt_devices : !llvm.ptr
// PROGRAM-NOT: gpu.
module @p attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_80">,
    kernels = <[#gpu.kernel_metadata<"e", !llvm.func<void ()>>,
                #gpu.kernel_metadata<"f", !llvm.func<void (ptr, f32, i1)>>]>,
    assembly = "text">]
  sym.shared @s : tensor<f32>
  sym.entry @f : () -> () reads [@s] updates [@s]
      inplace @f.inplace [#sym.slot<inplace>] outofplace @f.inplace [#sym.slot<fresh>]
      {sym.device = #sym.space<cuda>}
  // CHECK-LABEL: func.func private @f.inplace.impl(
  // CHECK-SAME: %[[FRAME:.*]]: !llvm.ptr, %[[P:[^:]*]]: !llvm.ptr
  func.func private @f.inplace(%s: memref<f32>) {
    %c2 = arith.constant 2 : index
    %c256 = arith.constant 256 : index
    %x = arith.constant 1.0 : f32
    %b = arith.constant true
    // The grid and a block take three words, the addresses and the values of three
    // parameters six.
    // CHECK: %[[WORDS:.*]] = llvm.alloca %{{.*}} x i64 {alignment = 16 : i64}
    // CHECK-COUNT-6: llvm.store %{{.*}} : i32, !llvm.ptr
    // CHECK: llvm.store %{{.*}} : !llvm.ptr, !llvm.ptr
    // CHECK: llvm.store %{{.*}} : f32, !llvm.ptr
    // CHECK: llvm.store %{{.*}} : i1, !llvm.ptr
    // CHECK: %[[NUMBER:.*]] = llvm.mlir.constant(1 : i32)
    // CHECK: %[[PARAMETERS:.*]] = llvm.getelementptr %{{.*}}[3] : (!llvm.ptr) -> !llvm.ptr, i64
    // CHECK: llvm.call @sym_rt_launch(%[[FRAME]], %[[NUMBER]], %[[WORDS]], %[[PARAMETERS]])
    gpu.launch_func @kernels::@f blocks in (%c2, %c2, %c2)
        threads in (%c256, %c2, %c2) args(%s : memref<f32>, %x : f32, %b : i1)
    return
  }
}
