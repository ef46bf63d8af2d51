// What may not verify once folding knows its sizes or offsets stands in a branch
// on its own conditions (T4).
// RUN: sym-opt --sym-insert-checks --cse %s | FileCheck %s
// RUN: sym-opt --sym-insert-checks --cse --canonicalize %s | FileCheck %s --check-prefix=FOLDED

// CHECK-LABEL: func.func @sizes(
// CHECK: %[[SAME:.*]] = arith.cmpi eq, %{{.*}}, %c3 : index
// CHECK: sym.check %[[SAME]], kind(shape)
// CHECK: scf.if %[[SAME]] -> (tensor<?xf32>)
// CHECK-NEXT: %[[SUM:.*]] = arith.addf
// CHECK-NEXT: scf.yield %[[SUM]]
// CHECK-NEXT: else
// CHECK-NEXT: %[[OTHER:.*]] = tensor.empty
// CHECK-NEXT: scf.yield %[[OTHER]]
func.func @sizes(%x: index, %f: f32, %t: tensor<3xf32>) -> tensor<?xf32> {
  %c2 = arith.constant 2 : index
  %zero = arith.subi %x, %x : index
  %n = arith.addi %zero, %c2 : index
  %s = tensor.splat %f[%n] : tensor<?xf32>
  %d = tensor.cast %t : tensor<3xf32> to tensor<?xf32>
  %r = arith.addf %s, %d : tensor<?xf32>
  return %r : tensor<?xf32>
}

// Sizes of arguments, elements of arguments and indices of loops stay unknown.
// CHECK-LABEL: func.func @unknown(
// CHECK-NOT: scf.if
func.func @unknown(%x: tensor<?xf32>, %y: tensor<?xf32>, %i: tensor<i64>) -> (tensor<?xf32>, tensor<2xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c10 = arith.constant 10 : index
  %r = arith.addf %x, %y : tensor<?xf32>
  %e = tensor.extract %i[] : tensor<i64>
  %o = arith.index_cast %e : i64 to index
  %twice = arith.muli %o, %c2 : index
  %s = tensor.extract_slice %x[%twice] [2] [1] : tensor<?xf32> to tensor<2xf32>
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %t = scf.for %j = %c0 to %c10 step %c1 iter_args(%a = %s) -> tensor<2xf32> {
    %at = arith.muli %j, %c2 : index
    %left = arith.subi %n, %at : index
    %size = arith.minsi %left, %c2 : index
    %part = tensor.extract_slice %x[%at] [%size] [1] : tensor<?xf32> to tensor<?xf32>
    %b = tensor.insert_slice %part into %a[0] [%size] [1] : tensor<?xf32> into tensor<2xf32>
    scf.yield %b : tensor<2xf32>
  }
  return %r, %t : tensor<?xf32>, tensor<2xf32>
}

// A loop that runs at most once has an index that folds.
// CHECK-LABEL: func.func @once(
// CHECK: scf.for
// CHECK: scf.if
// CHECK-NEXT: tensor.extract_slice
// FOLDED-LABEL: func.func @once(
// FOLDED-NOT: = tensor.extract_slice
func.func @once(%x: tensor<3xf32>, %init: tensor<2xf32>) -> tensor<2xf32> {
  %first = arith.constant -1 : index
  %end = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %j = %first to %end step %c1 iter_args(%a = %init) -> tensor<2xf32> {
    %part = tensor.extract_slice %x[%j] [2] [1] : tensor<3xf32> to tensor<2xf32>
    scf.yield %part : tensor<2xf32>
  }
  return %r : tensor<2xf32>
}

// In a parallel region the conditions are computed once more.
// CHECK-LABEL: func.func @inside(
// CHECK: sym.check
// CHECK: scf.forall
// CHECK: scf.if
// CHECK-NEXT: tensor.extract_slice
// CHECK: scf.if
// CHECK: tensor.parallel_insert_slice
func.func @inside(%x: index, %t: tensor<3xf32>, %n: index) -> tensor<3xf32> {
  %c1 = arith.constant 1 : index
  %zero = arith.subi %x, %x : index
  %o = arith.subi %zero, %c1 : index
  %r = scf.forall (%j) in (%n) shared_outs(%out = %t) -> tensor<3xf32> {
    %part = tensor.extract_slice %t[%o] [1] [1] : tensor<3xf32> to tensor<1xf32>
    %whole = tensor.cast %part : tensor<1xf32> to tensor<?xf32>
    %size = arith.addi %zero, %c1 : index
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %whole into %out[%o] [%size] [1] : tensor<?xf32> into tensor<3xf32>
    }
  }
  return %r : tensor<3xf32>
}

// A step is 1 where it would not be positive.
// CHECK-LABEL: func.func @step(
// CHECK: %[[STEP:.*]] = arith.select
// CHECK: scf.parallel {{.*}} step (%[[STEP]])
func.func @step(%x: index, %f: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %s = arith.subi %x, %x : index
  %r = scf.parallel (%i) = (%c0) to (%c3) step (%s) init (%f) -> f32 {
    scf.reduce(%f : f32) {
    ^bb0(%a: f32, %b: f32):
      %u = arith.addf %a, %b : f32
      scf.reduce.return %u : f32
    }
  }
  return %r : f32
}
