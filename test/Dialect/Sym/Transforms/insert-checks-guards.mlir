// What works in parallel is checked before it, over the same index space (T4).
// RUN: sym-opt --pass-pipeline='builtin.module(func.func(sym-insert-checks),canonicalize,cse,sym-verify-stage{stage=checks})' %s | FileCheck %s

#id = affine_map<(d0) -> (d0)>
#none = affine_map<(d0) -> ()>

// CHECK-LABEL: func.func @elements(
// CHECK-SAME: %[[A:.*]]: tensor<8xi32>, %[[B:.*]]: tensor<8xi32>)
// CHECK: scf.for %[[I:.*]] = %c0 to %c8 step %c1
// CHECK: %[[X:.*]] = tensor.extract %[[A]][%[[I]]]
// CHECK: %[[Y:.*]] = tensor.extract %[[B]][%[[I]]]
// CHECK: %[[NZ:.*]] = arith.cmpi ne, %[[Y]], %c0_i32
// CHECK: sym.check %[[NZ]], kind(division) "arith.divui: {0} is divided by zero at index {1}"(%[[X]], %[[I]] : i32, index)
// CHECK: }
// CHECK: arith.divui %[[A]], %[[B]] : tensor<8xi32>
func.func @elements(%a: tensor<8xi32>, %b: tensor<8xi32>) -> tensor<8xi32> {
  %r = arith.divui %a, %b : tensor<8xi32>
  return %r : tensor<8xi32>
}

// An index that was read is checked with the value, where it was read.
// CHECK-LABEL: func.func @take(
// CHECK-SAME: %[[T:.*]]: tensor<?xf32>, %[[I:.*]]: tensor<?xi64>)
// CHECK: scf.for %[[J:.*]] = %c0 to
// CHECK: %[[V:.*]] = tensor.extract %[[I]][%[[J]]]
// CHECK: %[[K:.*]] = arith.index_cast %[[V]]
// CHECK: sym.check %{{.*}}, kind(index) "tensor.extract: index {0} of dimension 0 is out of range for size {1} at index {2}"(%[[K]], %{{.*}}, %[[J]] : index, index, index)
// CHECK: }
// CHECK: linalg.generic
// CHECK-NOT: sym.check
func.func @take(%t: tensor<?xf32>, %i: tensor<?xi64>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %i, %c0 : tensor<?xi64>
  %e = tensor.empty(%n) : tensor<?xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%i : tensor<?xi64>) outs(%e : tensor<?xf32>) {
  ^bb0(%x: i64, %o: f32):
    %y = arith.index_cast %x : i64 to index
    %z = tensor.extract %t[%y] : tensor<?xf32>
    linalg.yield %z : f32
  } -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// A check of the program's own moves to the guard, and what depends on a
// checked value comes behind its check.
// CHECK-LABEL: func.func @nested
// CHECK: scf.for
// CHECK: sym.check %{{.*}}, "negative"
// CHECK: sym.check %{{.*}}, kind(division) "arith.divui: {0} is divided by zero at index {1}"
// CHECK: %[[Q:.*]] = arith.divui
// CHECK: arith.cmpi ult, %[[Q]]
// CHECK: sym.check %{{.*}}, kind(index) "tensor.extract
// CHECK: }
// CHECK: tensor.generate
// CHECK-NOT: sym.check
func.func @nested(%t: tensor<?xindex>, %d: tensor<?xindex>) -> tensor<?xindex> {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %n = tensor.dim %d, %c0 : tensor<?xindex>
  %g = tensor.generate %n {
  ^bb0(%i: index):
    %x = tensor.extract %d[%i] : tensor<?xindex>
    %ok = arith.cmpi sge, %x, %c0 : index
    sym.check %ok, "negative"
    %q = arith.divui %c9, %x : index
    %y = tensor.extract %t[%q] : tensor<?xindex>
    tensor.yield %y : index
  } : tensor<?xindex>
  return %g : tensor<?xindex>
}

// Control flow inside: checks stand in the branch that they belong to.
// CHECK-LABEL: func.func @branches
// CHECK: scf.for
// CHECK: scf.if
// CHECK: sym.check %{{.*}}, kind(division)
// CHECK: linalg.generic
// CHECK: scf.if
// CHECK-NOT: sym.check
func.func @branches(%a: tensor<4xi32>, %b: tensor<4xi32>) -> tensor<4xi32> {
  %z = arith.constant 0 : i32
  %r = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%a, %b : tensor<4xi32>, tensor<4xi32>) outs(%a : tensor<4xi32>) {
  ^bb0(%x: i32, %y: i32, %o: i32):
    %c = arith.cmpi sgt, %x, %z : i32
    %q = scf.if %c -> i32 {
      %d = arith.remui %x, %y : i32
      scf.yield %d : i32
    } else {
      scf.yield %z : i32
    }
    linalg.yield %q : i32
  } -> tensor<4xi32>
  return %r : tensor<4xi32>
}

// The indices of a structured operation are those of the guard's loops; the
// index of a loop over the same dimension needs no check.
// CHECK-LABEL: func.func @indices
// CHECK-NOT: sym.check
func.func @indices(%t: tensor<8xf32>, %o: tensor<8xf32>) -> tensor<8xf32> {
  %r = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]} outs(%o : tensor<8xf32>) {
  ^bb0(%x: f32):
    %i = linalg.index 0 : index
    %y = tensor.extract %t[%i] : tensor<8xf32>
    linalg.yield %y : f32
  } -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// Where a condition depends on what is accumulated, the loops compute it.
// CHECK-LABEL: func.func @accumulates(
// CHECK-SAME: %[[A:.*]]: tensor<?xi32>, %[[S:.*]]: tensor<i32>)
// CHECK: scf.for {{.*}} iter_args(%[[ACC:.*]] = %[[S]])
// CHECK: %[[O:.*]] = tensor.extract %[[ACC]][]
// CHECK: sym.check %{{.*}}, kind(division)
// CHECK: %[[Q:.*]] = arith.divui %{{.*}}, %[[O]]
// CHECK: tensor.insert %[[Q]] into %[[ACC]][]
// CHECK-NOT: linalg.generic
func.func @accumulates(%a: tensor<?xi32>, %s: tensor<i32>) -> tensor<i32> {
  %r = linalg.generic {indexing_maps = [#id, #none], iterator_types = ["reduction"]}
      ins(%a : tensor<?xi32>) outs(%s : tensor<i32>) {
  ^bb0(%x: i32, %o: i32):
    %q = arith.divui %x, %o : i32
    linalg.yield %q : i32
  } -> tensor<i32>
  return %r : tensor<i32>
}

// CHECK-LABEL: func.func @forall
// CHECK: scf.for
// CHECK: sym.check %{{.*}}, kind(index) "tensor.extract_slice:
// CHECK: sym.check %{{.*}}, kind(shape) "arith.addf: dimension 0
// CHECK: sym.check %{{.*}}, kind(index) "tensor.parallel_insert_slice: a slice of size {0} at offset {1} is outside of dimension 0 of size {2} at index {3}"
// CHECK: }
// CHECK: scf.forall
// CHECK-NOT: sym.check
func.func @forall(%a: tensor<?xf32>, %b: tensor<?xf32>, %o: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %c2 = arith.constant 2 : index
  %r = scf.forall (%i) in (%n) shared_outs(%out = %o) -> tensor<?xf32> {
    %at = arith.muli %i, %c2 : index
    %s = tensor.extract_slice %a[%at] [2] [1] : tensor<?xf32> to tensor<2xf32>
    %d = tensor.cast %s : tensor<2xf32> to tensor<?xf32>
    %t = arith.addf %d, %b : tensor<?xf32>
    %u = tensor.cast %t : tensor<?xf32> to tensor<2xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %u into %out[%at] [2] [1] : tensor<2xf32> into tensor<?xf32>
    }
  }
  return %r : tensor<?xf32>
}

// A reduction has an order then.
// CHECK-LABEL: func.func @parallel
// CHECK: scf.for {{.*}} iter_args(%[[ACC:.*]] = %
// CHECK: sym.check %{{.*}}, kind(division) "arith.divui: {0} is divided by zero at index {1}"(%[[ACC]]
// CHECK: scf.yield
// CHECK-NOT: scf.parallel
func.func @parallel(%a: tensor<?xi32>, %init: i32) -> i32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %a, %c0 : tensor<?xi32>
  %r = scf.parallel (%i) = (%c0) to (%n) step (%c1) init (%init) -> i32 {
    %x = tensor.extract %a[%i] : tensor<?xi32>
    scf.reduce(%x : i32) {
    ^bb0(%l: i32, %m: i32):
      %q = arith.divui %l, %m : i32
      scf.reduce.return %q : i32
    }
  }
  return %r : i32
}
