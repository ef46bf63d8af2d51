// The helper goes where it is called; other calls stay.
// RUN: sym-opt --sym-inline-deallocations %s | FileCheck %s

// CHECK-LABEL: func.func @f(
// CHECK-NOT: call @dealloc_helper
// CHECK: memref.store
// CHECK: call @other()
func.func @f(%m: memref<1xi1>) {
  call @dealloc_helper(%m) : (memref<1xi1>) -> ()
  call @other() : () -> ()
  return
}
// CHECK-NOT: @dealloc_helper
func.func private @dealloc_helper(%m: memref<1xi1>) {
  %true = arith.constant true
  %c0 = arith.constant 0 : index
  memref.store %true, %m[%c0] : memref<1xi1>
  return
}
func.func private @other()
