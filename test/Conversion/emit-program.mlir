// The descriptor holds names, types, values, kinds and entries as abi.h says.
// RUN: sym-opt %s --sym-emit-program="target=somewhere" --split-input-file | FileCheck %s

module @"my.prog" {
  sym.shared @a policy(double_buffer) : tensor<2x?xf32>
  sym.shared @b : tensor<3xi1> = dense<[true, false, true]>
  sym.shared @c : tensor<2xf64> = dense<0.5>
  sym.entry @f.sym : (tensor<?xi8>) -> () reads [@b] updates [@c]
      inplace @v [#sym.slot<fresh>] outofplace @v [#sym.slot<fresh>]
  llvm.func @v(!llvm.ptr) -> i32
  llvm.func @run.sym(%frame: !llvm.ptr) -> i32 {
    %0 = llvm.mlir.constant(0 : i32) : i32
    llvm.return %0 : i32
  }
}
// CHECK-NOT: sym.shared
// CHECK: llvm.func internal @run.sym
// CHECK-DAG: "a\00"
// CHECK-DAG: dense<[2, -9223372036854775808]>
// A boolean is a byte, and a splat is one element.
// CHECK: constant @sym.data("\01\00\01") {addr_space = 0 : i32, alignment = 64 : i64}
// CHECK: constant @sym.data_{{.*}}("\00\00\00\00\00\00\E0?")
// CHECK: "run\00"
// CHECK: "f\00"
// CHECK: llvm.mlir.global external constant @sym_program_my_2Eprog()
// CHECK-SAME: !llvm.struct<(i32, i32, ptr, ptr, i32, i32, i32, i32, ptr, ptr, ptr, ptr, ptr, ptr, i32, i32)>

// -----

// CHECK: "somewhere\00"
// CHECK: llvm.mlir.global external constant @sym_program_main()
