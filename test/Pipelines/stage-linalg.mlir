// The stage linalg leaves no tensor arithmetic outside structured operations.
// RUN: sym-opt %s --sym-stage-linalg | FileCheck %s

// CHECK-LABEL: func.func private @f.body
// CHECK-SAME: (%[[X:.*]]: tensor<?xf32>, %[[S:.*]]: tensor<?xf32>)
// CHECK: linalg.generic
// CHECK-SAME: ins(%[[X]], %[[S]] :
// CHECK: arith.addf {{.*}} : f32
// CHECK: math.exp {{.*}} : f32
// CHECK-NOT: linalg.generic
// CHECK: return
func.func private @f.body(%x: tensor<?xf32>, %s: tensor<?xf32>) -> tensor<?xf32> {
  %0 = arith.addf %x, %s : tensor<?xf32>
  %1 = math.exp %0 : tensor<?xf32>
  return %1 : tensor<?xf32>
}
