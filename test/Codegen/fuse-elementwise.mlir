// Elementwise operations become few loop nests; nothing expensive is computed
// more often than before.
// RUN: sym-opt %s --split-input-file --sym-fuse-elementwise --canonicalize --cse | FileCheck %s

#id = affine_map<(d0) -> (d0)>

// A producer whose value is returned as well becomes a second result.
// CHECK-LABEL: func.func @preserve
// CHECK: %[[R:.*]]:2 = linalg.generic
// CHECK-SAME: ins(%{{.*}}, %{{.*}}, %{{.*}} :
// CHECK: linalg.yield %{{.*}}, %{{.*}} : f32, f32
// CHECK-NOT: linalg.generic
// CHECK: return %[[R]]#0, %[[R]]#1
func.func @preserve(%m: tensor<?xf32>, %g: tensor<?xf32>, %p: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %m, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %m1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%m, %g : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<?xf32>
  %p1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%p, %m1 : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.subf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<?xf32>
  return %m1, %p1 : tensor<?xf32>, tensor<?xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>

// Siblings that read one tensor are merged.
// CHECK-LABEL: func.func @siblings
// CHECK: linalg.generic
// CHECK: linalg.yield %{{.*}}, %{{.*}} : f32, f32
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @siblings(%x: tensor<8xf32>, %a: tensor<8xf32>, %b: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %e = tensor.empty() : tensor<8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%x, %a : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %2 = arith.addf %p, %q : f32
    linalg.yield %2 : f32
  } -> tensor<8xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%b, %x : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %2 = arith.mulf %p, %q : f32
    linalg.yield %2 : f32
  } -> tensor<8xf32>
  return %0, %1 : tensor<8xf32>, tensor<8xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>

// T4: an operation that a check depends on is not merged with one that may
// write state.
// CHECK-LABEL: func.func @check_first
// CHECK: linalg.generic
// CHECK: linalg.yield %{{[^,]*}} : f32
// CHECK: linalg.generic
// CHECK: linalg.yield %{{[^,]*}} : f32
// CHECK: sym.check
func.func @check_first(%x: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %e = tensor.empty() : tensor<8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%p: f32, %o: f32):
    %2 = arith.addf %p, %p : f32
    linalg.yield %2 : f32
  } -> tensor<8xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%b, %x : tensor<8xf32>, tensor<8xf32>) outs(%e : tensor<8xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %2 = arith.mulf %p, %q : f32
    linalg.yield %2 : f32
  } -> tensor<8xf32>
  %v = tensor.extract %0[%c0] : tensor<8xf32>
  %zero = arith.constant 0.0 : f32
  %ok = arith.cmpf ogt, %v, %zero : f32
  sym.check %ok, "not positive"
  return %1 : tensor<8xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>
#rev = affine_map<(d0, d1) -> (d1)>
#mat = affine_map<(d0, d1) -> (d0, d1)>
#transposed = affine_map<(d0, d1) -> (d1, d0)>

// An exponential that a broadcast reads stays; a negation is repeated; a
// transposition folds into the map.
// CHECK-DAG: #[[ROW:.*]] = affine_map<(d0, d1) -> (d1)>
// CHECK-DAG: #[[TR:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-LABEL: func.func @broadcast
// CHECK: linalg.generic
// CHECK: math.exp
// CHECK: linalg.generic
// CHECK-SAME: #[[TR]]
// CHECK: arith.negf
// CHECK: arith.addf
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @broadcast(%v: tensor<8xf32>, %w: tensor<8xf32>, %x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %e1 = tensor.empty() : tensor<8xf32>
  %e2 = tensor.empty() : tensor<8x8xf32>
  %exp = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%v : tensor<8xf32>) outs(%e1 : tensor<8xf32>) {
  ^bb0(%p: f32, %o: f32):
    %2 = math.exp %p : f32
    linalg.yield %2 : f32
  } -> tensor<8xf32>
  %neg = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%w : tensor<8xf32>) outs(%e1 : tensor<8xf32>) {
  ^bb0(%p: f32, %o: f32):
    %2 = arith.negf %p : f32
    linalg.yield %2 : f32
  } -> tensor<8xf32>
  %t = linalg.generic {indexing_maps = [#transposed, #mat], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) {
  ^bb0(%p: f32, %o: f32):
    linalg.yield %p : f32
  } -> tensor<8x8xf32>
  %r = linalg.generic {indexing_maps = [#rev, #rev, #mat, #mat], iterator_types = ["parallel", "parallel"]}
      ins(%exp, %neg, %t : tensor<8xf32>, tensor<8xf32>, tensor<8x8xf32>) outs(%e2 : tensor<8x8xf32>) {
  ^bb0(%p: f32, %q: f32, %s: f32, %o: f32):
    %2 = arith.addf %p, %q : f32
    %3 = arith.mulf %2, %s : f32
    linalg.yield %3 : f32
  } -> tensor<8x8xf32>
  return %r : tensor<8x8xf32>
}

// -----

#mat = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// An exponential enters the sum that alone reads it; one that is divided by the
// sum as well is computed once.
// CHECK-LABEL: func.func @sums
// CHECK: linalg.generic
// CHECK-SAME: "reduction"
// CHECK: math.exp
// CHECK: arith.addf
// CHECK: linalg.generic
// CHECK: math.exp
// CHECK-NOT: math.exp
// CHECK: return
func.func @sums(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %e1 = tensor.empty() : tensor<4xf32>
  %e2 = tensor.empty() : tensor<4x8xf32>
  %fill = linalg.fill ins(%zero : f32) outs(%e1 : tensor<4xf32>) -> tensor<4xf32>
  %0 = linalg.generic {indexing_maps = [#mat, #mat], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4x8xf32>) outs(%e2 : tensor<4x8xf32>) {
  ^bb0(%p: f32, %o: f32):
    %2 = math.exp %p : f32
    linalg.yield %2 : f32
  } -> tensor<4x8xf32>
  %1 = linalg.generic {indexing_maps = [#mat, #row], iterator_types = ["parallel", "reduction"]}
      ins(%0 : tensor<4x8xf32>) outs(%fill : tensor<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %2 = arith.addf %o, %p : f32
    linalg.yield %2 : f32
  } -> tensor<4xf32>
  %3 = linalg.generic {indexing_maps = [#mat, #mat], iterator_types = ["parallel", "parallel"]}
      ins(%y : tensor<4x8xf32>) outs(%e2 : tensor<4x8xf32>) {
  ^bb0(%p: f32, %o: f32):
    %2 = math.exp %p : f32
    linalg.yield %2 : f32
  } -> tensor<4x8xf32>
  %4 = linalg.generic {indexing_maps = [#mat, #row], iterator_types = ["parallel", "reduction"]}
      ins(%3 : tensor<4x8xf32>) outs(%fill : tensor<4xf32>) {
  ^bb0(%p: f32, %o: f32):
    %2 = arith.addf %o, %p : f32
    linalg.yield %2 : f32
  } -> tensor<4xf32>
  %5 = linalg.generic {indexing_maps = [#mat, #row, #mat], iterator_types = ["parallel", "parallel"]}
      ins(%3, %4 : tensor<4x8xf32>, tensor<4xf32>) outs(%e2 : tensor<4x8xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %2 = arith.divf %p, %q : f32
    linalg.yield %2 : f32
  } -> tensor<4x8xf32>
  return %1, %4, %5 : tensor<4xf32>, tensor<4xf32>, tensor<4x8xf32>
}

// -----

#id = affine_map<(d0) -> (d0)>
#mat = affine_map<(d0, d1) -> (d0, d1)>
#transposed = affine_map<(d0, d1) -> (d1, d0)>

// A variable read in two orders is not replaced by the operation that reads it
// otherwise, which would need a copy.
// CHECK-LABEL: func.func @two_orders
// CHECK: linalg.generic
// CHECK: linalg.yield %{{[^,]*}} : f32
// CHECK: linalg.generic
// CHECK: linalg.yield %{{[^,]*}} : f32
func.func @two_orders(%s: tensor<8x8xf32>, %g: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
  %e = tensor.empty() : tensor<8x8xf32>
  %0 = linalg.generic {indexing_maps = [#mat, #mat, #mat], iterator_types = ["parallel", "parallel"]}
      ins(%s, %g : tensor<8x8xf32>, tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %2 = arith.addf %p, %q : f32
    linalg.yield %2 : f32
  } -> tensor<8x8xf32>
  %1 = linalg.generic {indexing_maps = [#transposed, #mat, #mat], iterator_types = ["parallel", "parallel"]}
      ins(%s, %g : tensor<8x8xf32>, tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %2 = arith.mulf %p, %q : f32
    linalg.yield %2 : f32
  } -> tensor<8x8xf32>
  return %0, %1 : tensor<8x8xf32>, tensor<8x8xf32>
}

// What a body reads at computed indices of a sibling keeps the two apart.
// CHECK-LABEL: func.func @captured
// CHECK: %[[P:.*]] = linalg.generic
// CHECK: linalg.generic
// CHECK: tensor.extract %[[P]]
func.func @captured(%x: tensor<?xi64>, %n: index) -> (tensor<?xi64>, tensor<?xi64>) {
  %e = tensor.empty(%n) : tensor<?xi64>
  %p = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<?xi64>) outs(%e : tensor<?xi64>) {
  ^bb0(%a: i64, %o: i64):
    %b = arith.muli %a, %a : i64
    linalg.yield %b : i64
  } -> tensor<?xi64>
  %f = tensor.empty(%n) : tensor<?xi64>
  %q = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<?xi64>) outs(%f : tensor<?xi64>) {
  ^bb0(%a: i64, %o: i64):
    %i = arith.index_cast %a : i64 to index
    %v = tensor.extract %p[%i] : tensor<?xi64>
    linalg.yield %v : i64
  } -> tensor<?xi64>
  return %p, %q : tensor<?xi64>, tensor<?xi64>
}
