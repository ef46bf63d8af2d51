// Every variant gets a module of its own with all that it refers to; a function
// of the ABI is declared in its place.
// RUN: sym-opt %s --sym-outline-variants | FileCheck %s

module attributes {test.layout} {
  // CHECK: memref.global "private" constant @one
  memref.global "private" constant @one : memref<i64> = dense<1>
  sym.shared @n : tensor<i64> = dense<1>
  sym.shared @unrelated : tensor<i64> = dense<2>

  // CHECK: sym.entry @count
  // CHECK-SAME: inplace @count.inplace
  // CHECK-SAME: outofplace @count.outofplace
  sym.entry @count : () -> tensor<i64> reads [@n] updates [@n]
      inplace @count.inplace [#sym.slot<fresh>, #sym.slot<inplace>]
      outofplace @count.outofplace [#sym.slot<fresh>, #sym.slot<fresh>]

  // CHECK: module @count.inplace.unit attributes {test.layout} {
  // CHECK-NEXT: sym.entry @count
  // CHECK-NEXT: func.func private @count.inplace(%{{.*}}: memref<i64>)
  // CHECK: memref.get_global @one
  // CHECK-NOT: @unrelated
  // CHECK: sym.shared @n
  // CHECK-NEXT: memref.global "private" constant @one
  // CHECK-NEXT: llvm.func @count.outofplace(!llvm.ptr) -> i32
  // CHECK-NEXT: }
  // CHECK-NEXT: llvm.func @count.inplace(!llvm.ptr) -> i32
  func.func private @count.inplace(%s: memref<i64>) {
    %one = memref.get_global @one : memref<i64>
    %r = sym.alloc_result 0() : memref<i64>
    memref.copy %s, %r : memref<i64> to memref<i64>
    memref.copy %one, %s : memref<i64> to memref<i64>
    return
  }

  // CHECK: module @count.outofplace.unit
  // CHECK: llvm.func @count.inplace(!llvm.ptr) -> i32
  // CHECK: llvm.func @count.outofplace(!llvm.ptr) -> i32
  func.func private @count.outofplace(%s: memref<i64>) {
    %one = memref.get_global @one : memref<i64>
    %r = sym.alloc_result 0() : memref<i64>
    memref.copy %s, %r : memref<i64> to memref<i64>
    %n = sym.alloc_result 1() : memref<i64>
    memref.copy %one, %n : memref<i64> to memref<i64>
    return
  }

  // One variant for both cases is one unit.
  // CHECK: module @get.unit
  // CHECK-NOT: llvm.func
  // CHECK: sym.shared @n
  // CHECK-NEXT: }
  // CHECK-NEXT: llvm.func @get(!llvm.ptr) -> i32
  sym.entry @value : () -> tensor<i64> reads [@n] updates []
      inplace @get [#sym.slot<fresh>] outofplace @get [#sym.slot<fresh>]
  func.func private @get(%s: memref<i64>) {
    %r = sym.alloc_result 0() : memref<i64>
    memref.copy %s, %r : memref<i64> to memref<i64>
    return
  }

  // Host programs stay.
  // CHECK: func.func @main
  func.func @main() {
    return
  }
}
