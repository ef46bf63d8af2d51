// One of two whole tensors is a branch, not a copy of elements.
// RUN: sym-opt %s --sym-selects-to-branches | FileCheck %s
// RUN: sym-opt %s --sym-stage-linalg | FileCheck %s --check-prefix=STAGE

// CHECK-LABEL: func.func @choose
// CHECK-SAME: (%[[C:.*]]: i1, %[[A:.*]]: tensor<?xf32>, %[[B:.*]]: tensor<?xf32>)
// CHECK: %[[R:.*]] = scf.if %[[C]] -> (tensor<?xf32>) {
// CHECK: scf.yield %[[A]]
// CHECK: scf.yield %[[B]]
// CHECK: return %[[R]]
func.func @choose(%c: i1, %a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %r = arith.select %c, %a, %b : tensor<?xf32>
  return %r : tensor<?xf32>
}

// What canonicalization makes of a branch becomes a branch again.
// STAGE-LABEL: func.func @branch
// STAGE-NOT: arith.select
// STAGE: scf.if
func.func @branch(%c: i1, %a: tensor<?xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %r = scf.if %c -> (tensor<?xf32>) {
    scf.yield %a : tensor<?xf32>
  } else {
    scf.yield %b : tensor<?xf32>
  }
  return %r : tensor<?xf32>
}
