// The variants of a unit are all that others can call; its table goes.
// RUN: sym-opt %s --sym-export-variants | FileCheck %s

// CHECK-NOT: sym.shared
sym.shared @n : tensor<i64> = dense<1>
// CHECK-NOT: sym.entry
sym.entry @count : () -> tensor<i64> reads [@n] updates [@n]
    inplace @count.inplace [#sym.slot<fresh>, #sym.slot<inplace>]
    outofplace @count.outofplace [#sym.slot<fresh>, #sym.slot<fresh>]

// CHECK: llvm.func internal @count.inplace.impl
llvm.func @count.inplace.impl(%frame: !llvm.ptr) -> i32 {
  %zero = llvm.mlir.constant(0 : i32) : i32
  llvm.return %zero : i32
}
// CHECK: llvm.func @count.inplace(
llvm.func @count.inplace(%frame: !llvm.ptr) -> i32 attributes {sym_visibility = "private"} {
  %r = llvm.call @count.inplace.impl(%frame) : (!llvm.ptr) -> i32
  llvm.return %r : i32
}
// CHECK: llvm.func @count.outofplace(!llvm.ptr) -> i32
llvm.func @count.outofplace(!llvm.ptr) -> i32
// CHECK: llvm.func @cosf(f32) -> f32
llvm.func @cosf(f32) -> f32
