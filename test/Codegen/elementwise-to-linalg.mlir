// Operations become structured and do not fold, even where they could.
// RUN: sym-opt --sym-elementwise-to-linalg %s | FileCheck %s

// CHECK-LABEL: func.func @zero(
// CHECK-SAME: %[[X:.*]]: tensor<?xi32>
// CHECK-NEXT: %[[R:.*]] = linalg.generic
// CHECK-SAME: ins(%[[X]], %[[X]] : tensor<?xi32>, tensor<?xi32>)
// CHECK: arith.xori %{{.*}}, %{{.*}} : i32
// CHECK: return %[[R]]
func.func @zero(%x: tensor<?xi32>) -> tensor<?xi32> {
  %z = arith.xori %x, %x : tensor<?xi32>
  return %z : tensor<?xi32>
}

// CHECK-LABEL: func.func @scalar(
// CHECK-NOT: linalg.generic
// CHECK: arith.xori
func.func @scalar(%x: i32, %y: i32) -> i32 {
  %z = arith.xori %x, %y : i32
  return %z : i32
}

// One condition chooses a whole tensor, whatever the sizes are; of tensors of
// one size it is elementwise.
// CHECK-LABEL: func.func @choose
// CHECK: scf.if
// CHECK: linalg.generic
func.func @choose(%c: i1, %a: tensor<?xf32>, %b: tensor<?xf32>, %d: tensor<4xf32>) -> (tensor<?xf32>, tensor<4xf32>) {
  %r = arith.select %c, %a, %b : tensor<?xf32>
  %e = arith.addf %d, %d : tensor<4xf32>
  %s = arith.select %c, %d, %e : tensor<4xf32>
  return %r, %s : tensor<?xf32>, tensor<4xf32>
}
