// RUN: sym-opt %s --sym-choose-destinations --split-input-file | FileCheck %s

#id = affine_map<(i) -> (i)>

// An elementwise update is computed into the state, of dynamic size too, since
// operands with one iterator have one size; in the in-place variant only. T3:
// the old value is copied first.
sym.shared @s : tensor<?xf32>
sym.entry @f : (tensor<?xf32>) -> tensor<?xf32> reads [@s] updates [@s] inplace @f.i [] outofplace @f.o []
// CHECK: func.func private @f.i(%[[X:.*]]: tensor<?xf32>, %[[S:.*]]: tensor<?xf32>)
// CHECK: %[[OLD:.*]] = bufferization.alloc_tensor() copy(%[[S]]) : tensor<?xf32>
// CHECK: %[[N:.*]] = linalg.generic {{.*}} ins(%[[X]], %[[S]] : {{.*}}) outs(%[[S]] : tensor<?xf32>)
// CHECK: return %[[OLD]], %[[N]]
func.func private @f.i(%x: tensor<?xf32>, %s: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %d = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%d) : tensor<?xf32>
  %n = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%x, %s : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  return %s, %n : tensor<?xf32>, tensor<?xf32>
}
// CHECK: func.func private @f.o(
// CHECK: %[[E:.*]] = tensor.empty
// CHECK: linalg.generic {{.*}} outs(%[[E]] : tensor<?xf32>)
func.func private @f.o(%x: tensor<?xf32>, %s: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %d = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%d) : tensor<?xf32>
  %n = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%x, %s : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %r = arith.addf %p, %q : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  return %s, %n : tensor<?xf32>, tensor<?xf32>
}

// -----

// A new value whose size only the run tells keeps a destination of its own.
sym.shared @s : tensor<?xf32>
sym.entry @g : (tensor<?xf32>) -> () reads [@s] updates [@s] inplace @g.i [] outofplace @g.o []
// CHECK: func.func private @g.i(
// CHECK: %[[E:.*]] = tensor.empty
// CHECK: linalg.exp {{.*}} outs(%[[E]] :
func.func private @g.i(%x: tensor<?xf32>, %s: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %d = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%d) : tensor<?xf32>
  %n = linalg.exp ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %n : tensor<?xf32>
}
func.func private @g.o(%x: tensor<?xf32>, %s: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}

// -----

// Through a branch and a loop; a carried tensor is computed into itself.
sym.shared @s : tensor<4xf32>
sym.entry @h : (tensor<i1>) -> () reads [@s] updates [@s] inplace @h.i [] outofplace @h.o []
// CHECK: func.func private @h.i(%{{.*}}: tensor<i1>, %[[S:.*]]: tensor<4xf32>)
// CHECK: scf.if
// CHECK: linalg.exp {{.*}} outs(%[[S]] :
// CHECK: scf.for {{.*}} iter_args(%[[X:.*]] = %[[S]])
// CHECK: linalg.exp ins(%[[X]] : {{.*}}) outs(%[[X]] :
func.func private @h.i(%c: tensor<i1>, %s: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %e = tensor.empty() : tensor<4xf32>
  %i = tensor.extract %c[] : tensor<i1>
  %r = scf.if %i -> tensor<4xf32> {
    %n = linalg.exp ins(%s : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
    scf.yield %n : tensor<4xf32>
  } else {
    %n = scf.for %k = %c0 to %c9 step %c1 iter_args(%x = %s) -> tensor<4xf32> {
      %m = linalg.exp ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
      scf.yield %m : tensor<4xf32>
    }
    scf.yield %n : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}
func.func private @h.o(%c: tensor<i1>, %s: tensor<4xf32>) -> tensor<4xf32> {
  return %s : tensor<4xf32>
}

// -----

// T4: what a check depends on is not computed into the state.
sym.shared @s : tensor<4xf32>
sym.entry @f : () -> () reads [@s] updates [@s] inplace @f.i [] outofplace @f.o []
// CHECK: func.func private @f.i(
// CHECK: %[[E:.*]] = tensor.empty
// CHECK: linalg.exp {{.*}} outs(%[[E]] :
func.func private @f.i(%s: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %n = linalg.exp ins(%s : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %x = tensor.extract %n[%c0] : tensor<4xf32>
  %ok = arith.cmpf ogt, %x, %z : f32
  sym.check %ok, "not positive"
  return %n : tensor<4xf32>
}
func.func private @f.o(%s: tensor<4xf32>) -> tensor<4xf32> {
  return %s : tensor<4xf32>
}
