// RUN: sym-opt %s --sym-make-variants --split-input-file | FileCheck %s
// RUN: sym-opt %s --sym-make-variants=force-copies --split-input-file \
// RUN:   | FileCheck %s --check-prefix=COPIES

// What is read and updated may be written in the in-place variant.
sym.shared @s : tensor<4xf32>
sym.shared @t : tensor<4xf32>
// CHECK: sym.entry @f {{.*}} updates [@s] inplace @f.inplace [] outofplace @f.outofplace []
// COPIES: sym.entry @f {{.*}} inplace @f.outofplace [] outofplace @f.outofplace []
sym.entry @f : (tensor<4xf32>) -> () reads [@s, @t] updates [@s] body @f.body
// CHECK: func.func private @f.outofplace(
// CHECK-SAME: tensor<4xf32> {bufferization.writable = false},
// CHECK-SAME: tensor<4xf32> {bufferization.writable = false},
// CHECK-SAME: tensor<4xf32> {bufferization.writable = false}) -> tensor<4xf32>
// CHECK: func.func private @f.inplace(
// CHECK-SAME: tensor<4xf32> {bufferization.writable = false},
// CHECK-SAME: tensor<4xf32> {bufferization.writable = true},
// CHECK-SAME: tensor<4xf32> {bufferization.writable = false}) -> tensor<4xf32>
// CHECK-NOT: @f.body
func.func private @f.body(%x: tensor<4xf32>, %s: tensor<4xf32>, %t: tensor<4xf32>) -> tensor<4xf32> {
  %n = arith.addf %x, %s : tensor<4xf32>
  return %n : tensor<4xf32>
}

// -----

// B4: an argument is written only if it is mutable; no update, one variant.
sym.shared @s : tensor<4xf32>
// CHECK: sym.entry @f {{.*}} inplace @f.outofplace [] outofplace @f.outofplace []
sym.entry @f : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> reads [@s] updates [] body @f.body
    {arg_attrs = [{}, {sym.borrow, sym.mutable}]}
// CHECK: func.func private @f.outofplace(
// CHECK-SAME: {bufferization.writable = false}, {{.*}} {bufferization.writable = true}, {{.*}} {bufferization.writable = false})
func.func private @f.body(%x: tensor<4xf32>, %y: tensor<4xf32>, %s: tensor<4xf32>) -> tensor<4xf32> {
  return %s : tensor<4xf32>
}

// -----

// An update with the value read changes nothing.
sym.shared @s : tensor<4xf32>
sym.shared @t : tensor<4xf32>
// CHECK: sym.entry @f : () -> () reads [@s, @t] updates [@t]
sym.entry @f : () -> () reads [@s, @t] updates [@s, @t] body @f.body
// CHECK: func.func private @f.outofplace
// CHECK: return %{{.*}} : tensor<4xf32>
func.func private @f.body(%s: tensor<4xf32>, %t: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %n = arith.addf %s, %t : tensor<4xf32>
  return %s, %n : tensor<4xf32>, tensor<4xf32>
}

// -----

// T7: an index from a relaxed variable is taken from a copy; a sum is not.
sym.shared @i policy(relaxed) : tensor<i64>
sym.shared @s policy(relaxed) : tensor<4xf32>
sym.entry @f : (tensor<4xf32>) -> tensor<f32> reads [@i, @s] updates [@s] body @f.body
// CHECK: func.func private @f.outofplace(%[[X:.*]]: tensor<4xf32> {{.*}}, %[[I:.*]]: tensor<i64> {{.*}}, %[[S:.*]]: tensor<4xf32>
// CHECK: %[[C:.*]] = bufferization.alloc_tensor() copy(%[[I]]) : tensor<i64>
// CHECK: tensor.extract %[[C]][] : tensor<i64>
// CHECK: arith.addf %[[X]], %[[S]]
func.func private @f.body(%x: tensor<4xf32>, %i: tensor<i64>, %s: tensor<4xf32>) -> (tensor<f32>, tensor<4xf32>) {
  %v = tensor.extract %i[] : tensor<i64>
  %k = arith.index_cast %v : i64 to index
  %e = tensor.extract %x[%k] : tensor<4xf32>
  %r = tensor.from_elements %e : tensor<f32>
  %n = arith.addf %x, %s : tensor<4xf32>
  return %r, %n : tensor<f32>, tensor<4xf32>
}

// -----

// C1: a large old value that is returned is not written, so that it can become
// the result; a small one is copied, and so is what is relaxed (T7).
sym.shared @large : tensor<?xf32>
sym.shared @small : tensor<4xf32>
sym.shared @loose policy(relaxed) : tensor<?xf32>
// CHECK: sym.entry @f
sym.entry @f : () -> (tensor<?xf32>, tensor<4xf32>, tensor<?xf32>)
    reads [@large, @small, @loose] updates [@large, @small, @loose] body @f.body
// CHECK: func.func private @f.inplace(
// CHECK-SAME: tensor<?xf32> {bufferization.writable = false},
// CHECK-SAME: tensor<4xf32> {bufferization.writable = true},
// CHECK-SAME: tensor<?xf32> {bufferization.writable = true})
func.func private @f.body(%l: tensor<?xf32>, %s: tensor<4xf32>, %r: tensor<?xf32>)
    -> (tensor<?xf32>, tensor<4xf32>, tensor<?xf32>, tensor<?xf32>, tensor<4xf32>, tensor<?xf32>) {
  %0 = arith.addf %l, %l : tensor<?xf32>
  %1 = arith.addf %s, %s : tensor<4xf32>
  %2 = arith.addf %r, %r : tensor<?xf32>
  return %l, %s, %r, %0, %1, %2
      : tensor<?xf32>, tensor<4xf32>, tensor<?xf32>, tensor<?xf32>, tensor<4xf32>, tensor<?xf32>
}
