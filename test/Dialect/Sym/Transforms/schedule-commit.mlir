// RUN: sym-opt %s --sym-schedule-commit --sym-verify-commit --split-input-file | FileCheck %s

// T4: a check and an allocation move before the first write, with what they
// need.
sym.shared @s : tensor<4xf32>
// CHECK: sym.entry @f {{.*}} inplace @f.i [#sym.slot<fresh>, #sym.slot<inplace>]
sym.entry @f : (tensor<i64>) -> tensor<f32> reads [@s] updates [@s] inplace @f.i [#sym.slot<fresh>, #sym.slot<inplace>] outofplace @f.o [#sym.slot<fresh>, #sym.slot<fresh>]
func.func private @f.o(%n: memref<i64>, %s: memref<4xf32>) {
  %r = sym.alloc_result 0 () : memref<f32>
  %t = sym.alloc_result 1 () : memref<4xf32>
  return
}
// CHECK-LABEL: func.func private @f.i(
// CHECK: memref.load
// CHECK: sym.check
// CHECK: sym.alloc_result 0
// CHECK: linalg.fill
// CHECK-NEXT: return
func.func private @f.i(%n: memref<i64>, %s: memref<4xf32>) {
  %z = arith.constant 0.0 : f32
  linalg.fill ins(%z : f32) outs(%s : memref<4xf32>)
  %c3 = arith.constant 3 : i64
  %v = memref.load %n[] : memref<i64>
  %ok = arith.cmpi slt, %v, %c3 : i64
  sym.check %ok, "too large"
  %r = sym.alloc_result 0 () : memref<f32>
  return
}

// -----

// T4: a check in the loop that writes: computed in a buffer of its own. The
// other variable stays in place.
sym.shared @s : tensor<4xf32>
sym.shared @t : tensor<4xf32>
// CHECK: sym.entry @f {{.*}} inplace @f.i [#sym.slot<fresh>, #sym.slot<inplace>]
sym.entry @f : (tensor<i64>) -> () reads [@s, @t] updates [@s, @t] inplace @f.i [#sym.slot<inplace>, #sym.slot<inplace>] outofplace @f.o [#sym.slot<fresh>, #sym.slot<fresh>]
func.func private @f.o(%n: memref<i64>, %s: memref<4xf32>, %t: memref<4xf32>) {
  %r = sym.alloc_result 0 () : memref<4xf32>
  %q = sym.alloc_result 1 () : memref<4xf32>
  return
}
// CHECK-LABEL: func.func private @f.i(
// CHECK-SAME: %{{.*}}: memref<i64>, %[[S:.*]]: memref<4xf32>, %[[T:.*]]: memref<4xf32>)
// CHECK: %[[R:.*]] = sym.alloc_result 0() : memref<4xf32>
// CHECK-NEXT: memref.copy %[[S]], %[[R]]
// CHECK: scf.for
// CHECK: sym.check
// CHECK: memref.store %{{.*}}, %[[R]]
// CHECK: linalg.fill {{.*}} outs(%[[T]]
func.func private @f.i(%n: memref<i64>, %s: memref<4xf32>, %t: memref<4xf32>) {
  %z = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.for %i = %c0 to %c4 step %c1 {
    %x = memref.load %s[%i] : memref<4xf32>
    %ok = arith.cmpf olt, %x, %z : f32
    sym.check %ok, "not negative"
    memref.store %z, %s[%i] : memref<4xf32>
  }
  linalg.fill ins(%z : f32) outs(%t : memref<4xf32>)
  return
}

// -----

// T4: a check of a value that the write changes cannot move up.
sym.shared @s : tensor<1xf32>
// CHECK: sym.entry @f {{.*}} inplace @f.i [#sym.slot<fresh>]
sym.entry @f : () -> () reads [@s] updates [@s] inplace @f.i [#sym.slot<inplace>] outofplace @f.o [#sym.slot<fresh>]
func.func private @f.o(%s: memref<1xf32>) {
  %r = sym.alloc_result 0 () : memref<1xf32>
  return
}
func.func private @f.i(%s: memref<1xf32>) {
  %z = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  linalg.fill ins(%z : f32) outs(%s : memref<1xf32>)
  %x = memref.load %s[%c0] : memref<1xf32>
  %ok = arith.cmpf olt, %x, %z : f32
  sym.check %ok, "not negative"
  return
}
