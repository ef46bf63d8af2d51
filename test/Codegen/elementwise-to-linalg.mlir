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
