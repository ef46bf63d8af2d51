// RUN: sym-opt %s --sym-deallocate-buffers --canonicalize --buffer-deallocation-simplification \
// RUN:   --bufferization-lower-deallocations --convert-bufferization-to-memref --canonicalize --split-input-file | FileCheck %s

// A host program frees what it gets, in a loop too; what it borrows it does
// not.
sym.shared @s : tensor<4xf32>
// CHECK-LABEL: func.func @main(
// CHECK: %[[B:.*]] = sym.view
// CHECK: scf.for
// CHECK: %[[V:.*]] = sym.get_value @s : memref<4xf32>
// CHECK: sym.print %[[V]]
// CHECK: memref.dealloc %[[V]]
// CHECK: }
// CHECK-NOT: dealloc
// CHECK: return
func.func @main() {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %b = sym.borrow @s : !sym.borrow<tensor<4xf32>, pinned>
  %w = sym.view %b : !sym.borrow<tensor<4xf32>, pinned> -> memref<4xf32>
  sym.print %w : memref<4xf32>
  scf.for %i = %c0 to %c4 step %c1 {
    %v = sym.get_value @s : memref<4xf32>
    sym.print %v : memref<4xf32>
  }
  sym.release %b : !sym.borrow<tensor<4xf32>, pinned>
  return
}

// -----

// What is left to allocate in a loop of a variant is freed there; the slots'
// buffers are the caller's.
sym.shared @s : tensor<4xf32>
sym.entry @f : () -> () reads [@s] updates [@s] inplace @f.o [#sym.slot<fresh>] outofplace @f.o [#sym.slot<fresh>]
// CHECK-LABEL: func.func private @f.o(
// CHECK: scf.for
// CHECK: %[[T:.*]] = memref.alloc
// CHECK: memref.dealloc %[[T]]
// CHECK: }
// CHECK-NOT: dealloc
// CHECK: return
func.func private @f.o(%s: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %z = arith.constant 0.0 : f32
  %r = sym.alloc_result 0 () : memref<4xf32>
  %a = memref.alloca() : memref<4xf32>
  scf.for %i = %c0 to %c4 step %c1 {
    %t = memref.alloc(%i) : memref<?xf32>
    linalg.fill ins(%z : f32) outs(%t : memref<?xf32>)
    %x = memref.load %t[%c0] : memref<?xf32>
    memref.store %x, %r[%i] : memref<4xf32>
    memref.store %x, %a[%i] : memref<4xf32>
  }
  memref.copy %a, %r : memref<4xf32> to memref<4xf32>
  return
}
